import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arePlain, NOWHERE, wayOf } from '../../../../src/admission/server/path-secret.ts';

const KNOWN = new Set(['/validate', '/mutate']);
const SECRETS = ['3f2504e04f8911d39a0c0305e82c3301', '9b2504e04f8911d39a0c0305e82c33ff'];
const [FIRST, SECOND] = SECRETS;

const routeOf = (url: string, secrets: readonly string[]) => wayOf(url, KNOWN, { pathSecrets: () => secrets }).route;

test('without secrets a path is reached by its name, and by nothing that looks like it', () => {
  expect(routeOf('/validate', [])).toBe('/validate');
  expect(routeOf('/validate?timeout=5s', [])).toBe('/validate?timeout=5s');
  for (const url of ['/validate/', `/validate/${FIRST}`, '/Validate', '/validate%20', '//validate', '/gate', '*', '']) {
    expect(routeOf(url, [])).toBe(NOWHERE);
  }
});

test('with secrets, any of them leads to every path, and the plain path nowhere', () => {
  expect(routeOf(`/validate/${FIRST}?timeout=5s`, SECRETS)).toBe('/validate?timeout=5s');
  expect(routeOf(`/mutate/${SECOND}`, SECRETS)).toBe('/mutate');
  expect(routeOf('/validate', SECRETS)).toBe(NOWHERE);
  expect(routeOf(`/gate/${FIRST}`, SECRETS)).toBe(NOWHERE);
});

test('a secret that is empty opens nothing', () => {
  for (const url of ['/validate', '/validate/']) expect(routeOf(url, [''])).toBe(NOWHERE);
});

test('what is not a secret to the last character leads nowhere, and shows nothing of itself', () => {
  const close = fc.oneof(
    fc.string({ unit: 'binary-ascii' }),
    fc.nat(31).map((at) => `${FIRST?.slice(0, at)}x${FIRST?.slice(at + 1)}`),
    fc.nat(31).map((length) => FIRST?.slice(0, length) ?? ''),
    fc.string({ minLength: 1 }).map((more) => `${FIRST}${more}`),
    fc.constantFrom(FIRST?.toUpperCase() ?? '', `${FIRST}/`, `${FIRST}/x`, `${FIRST}%00`, `./${FIRST}`),
  );
  fc.assert(
    fc.property(close, (text) => {
      fc.pre(!text.startsWith(`${FIRST}?`) && !text.startsWith(`${SECOND}?`) && !SECRETS.includes(text));
      expect(routeOf(`/validate/${text}`, SECRETS)).toBe(NOWHERE);
    }),
  );
});

test('a secret is a proof, a path without one is none', () => {
  const options = { pathSecrets: () => SECRETS, plainPaths: () => true };
  expect(wayOf(`/validate/${FIRST}`, KNOWN, options)).toEqual({ route: '/validate', isProof: true });
  expect(wayOf('/validate', KNOWN, options)).toEqual({ route: '/validate', isProof: false });
  expect(wayOf(`/gate/${FIRST}`, KNOWN, options)).toEqual({ route: NOWHERE, isProof: false });
});

test('paths are plain where that is said, else where there are no secrets', () => {
  expect(arePlain({})).toBe(true);
  expect(arePlain({ pathSecrets: () => [] })).toBe(true);
  expect(arePlain({ pathSecrets: () => SECRETS })).toBe(false);
  expect(arePlain({ pathSecrets: () => SECRETS, plainPaths: () => true })).toBe(true);
  expect(arePlain({ pathSecrets: () => [], plainPaths: () => false })).toBe(false);
});

test('what may be a path of ours is asked about, and nothing shorter, longer or elsewhere', async () => {
  const asked: unknown[] = [];
  const otherPaths = async (secret: string | undefined) => asked.push(secret) > 0;
  const options = { pathSecrets: () => [FIRST ?? ''], otherPaths };
  const newer = `/validate/${SECOND}?timeout=5s`;
  expect(wayOf(newer, KNOWN, options)).toMatchObject({ route: '/validate?timeout=5s', isProof: false });
  for (const url of [
    newer,
    '/mutate',
    `/validate/${FIRST}`,
    '/validate/',
    `/validate/${'a'.repeat(31)}`,
    '/gate',
    '',
  ]) {
    await wayOf(url, KNOWN, options).ask?.();
  }
  expect(asked).toEqual([SECOND, undefined]);
});
