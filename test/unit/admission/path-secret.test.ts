import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NOWHERE, routeOf } from '../../../src/admission/path-secret.ts';

const KNOWN = new Set(['/validate', '/mutate']);
const SECRETS = ['3f2504e04f8911d39a0c0305e82c3301', '9b2504e04f8911d39a0c0305e82c33ff'];
const [FIRST, SECOND] = SECRETS;

test('without secrets a path is reached by its name, and by nothing that looks like it', () => {
  expect(routeOf('/validate', KNOWN, [])).toBe('/validate');
  expect(routeOf('/validate?timeout=5s', KNOWN, [])).toBe('/validate?timeout=5s');
  for (const url of ['/validate/', `/validate/${FIRST}`, '/Validate', '/validate%20', '//validate', '/gate', '*', '']) {
    expect(routeOf(url, KNOWN, [])).toBe(NOWHERE);
  }
});

test('with secrets, any of them leads to every path, and the plain path nowhere', () => {
  expect(routeOf(`/validate/${FIRST}?timeout=5s`, KNOWN, SECRETS)).toBe('/validate?timeout=5s');
  expect(routeOf(`/mutate/${SECOND}`, KNOWN, SECRETS)).toBe('/mutate');
  expect(routeOf('/validate', KNOWN, SECRETS)).toBe(NOWHERE);
  expect(routeOf(`/gate/${FIRST}`, KNOWN, SECRETS)).toBe(NOWHERE);
});

test('a secret that is empty opens nothing', () => {
  for (const url of ['/validate', '/validate/']) expect(routeOf(url, KNOWN, [''])).toBe(NOWHERE);
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
      expect(routeOf(`/validate/${text}`, KNOWN, SECRETS)).toBe(NOWHERE);
    }),
  );
});
