import { describe, expect, it, test } from 'vitest';
import { createPolicyHandler } from '../../../src/admission/policies.ts';
import type { ServerOptions } from '../../../src/admission/server.ts';
import { judging, post, recorder, review, serverOf, silent } from './setup.ts';

const SECRET = 'a'.repeat(32);
const OTHER = 'b'.repeat(32);

const statusAt = async (url: string, options: Partial<ServerOptions>) =>
  (await post(serverOf(undefined, options), review(), url)).statusCode;

describe('without a secret', () => {
  it('paths are plain, and no other ones are there', async () => {
    for (const options of [{}, { pathSecrets: () => [] }]) {
      expect(await statusAt('/validate?timeout=5s', options)).toBe(200);
      expect(await statusAt(`/validate/${SECRET}`, options)).toBe(404);
    }
  });
});

describe('with secrets', () => {
  const options = { pathSecrets: () => [OTHER, SECRET] };

  it('each of them is a path, and none is no path', async () => {
    expect(await statusAt(`/validate/${SECRET}?timeout=5s`, options)).toBe(200);
    expect(await statusAt(`/validate/${OTHER}`, options)).toBe(200);
    expect(await statusAt('/validate', options)).toBe(404);
  });

  it.each([
    ['/validate?timeout=5s', 'without one'],
    [`/validate/${'c'.repeat(32)}`, 'with another one'],
    [`/validate/${SECRET.slice(1)}`, 'with a part of one'],
    [`/validate/${SECRET}x`, 'with more than one'],
    [`/validate/${SECRET.toUpperCase()}`, 'in capitals'],
    [`/validate/${SECRET}/`, 'with something behind it'],
    ['/validate/', 'with nothing in its place'],
    [`/${SECRET}`, 'with nothing before it'],
    [`/mutate/${SECRET}`, 'of another path'],
  ])('%s is answered as a path that was never there: %s', async (url) => {
    const { events, observer } = recorder();
    const answer = await post(serverOf(undefined, { ...options, observer }), review(), url);
    const never = await post(serverOf(undefined, options), review(), '/never-there');
    expect([answer.statusCode, answer.body, { ...answer.headers, date: '' }]).toEqual([
      404,
      never.body,
      { ...never.headers, date: '' },
    ]);
    expect(events).toEqual(['refused 404']);
  });

  it('are asked for at each call', async () => {
    let secrets = [SECRET];
    const server = serverOf(undefined, { pathSecrets: () => secrets });
    expect((await post(server, review(), `/validate/${SECRET}`)).statusCode).toBe(200);
    secrets = [OTHER];
    expect((await post(server, review(), `/validate/${SECRET}`)).statusCode).toBe(404);
    expect((await post(server, review(), `/validate/${OTHER}`)).statusCode).toBe(200);
  });

  it.each([true, false])('plain paths are there while they are said to be, at once or later: %s', async (plain) => {
    const expected = plain ? 200 : 404;
    expect(await statusAt('/validate', { ...options, plainPaths: () => plain })).toBe(expected);
    expect(await statusAt('/validate', { ...options, plainPaths: async () => plain })).toBe(expected);
    expect(await statusAt('/validate', { plainPaths: async () => plain })).toBe(expected);
  });

  it('one that is newer than what is known here is asked about, and nothing shorter', async () => {
    const asked: string[] = [];
    const otherSecret = async (secret: string) => {
      asked.push(secret);
      return secret.startsWith('n');
    };
    expect(await statusAt(`/validate/${'n'.repeat(32)}`, { ...options, otherSecret })).toBe(200);
    expect(await statusAt(`/validate/${'o'.repeat(32)}`, { ...options, otherSecret })).toBe(404);
    expect(await statusAt(`/validate/${'n'.repeat(31)}`, { ...options, otherSecret })).toBe(404);
    expect(asked).toEqual(['n'.repeat(32), 'o'.repeat(32)]);
  });

  it('where that is not known in time the call is judged', async () => {
    const never = new Promise<boolean>(() => undefined);
    const hurried = { ...options, limits: { pathPatience: 1 }, plainPaths: () => never };
    expect(await statusAt('/validate', hurried)).toBe(200);
  });

  it('nobody gets around that by having no time', async () => {
    const plainPaths = async () => {
      for (let turn = 0; turn < 100; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      return false;
    };
    expect(await statusAt('/validate?timeout=1ns', { ...options, plainPaths })).toBe(404);
  });

  it('nothing is held for a call that waits to be told: places are for those that are judged', async () => {
    let answer: (isThere: boolean) => void = () => undefined;
    const plainPaths = () =>
      new Promise<boolean>((resolve) => {
        answer = resolve;
      });
    const server = serverOf(undefined, { ...options, plainPaths, limits: { requests: 1 } });
    const waiting = post(server, review(), '/validate');
    await new Promise((resolve) => setImmediate(resolve));
    expect((await post(server, review(), `/validate/${SECRET}`)).statusCode).toBe(200);
    answer(true);
    expect((await waiting).statusCode).toBe(200);
  });
});

test('a bug is logged with the path, and without its secret', async () => {
  const errors: object[] = [];
  const log = { ...silent, error: (fields: object) => errors.push(fields) };
  const handler = createPolicyHandler(
    judging({
      evaluate: () => {
        throw new TypeError('a bug');
      },
    }),
  );
  const server = serverOf(handler, { pathSecrets: () => [SECRET], log });
  expect((await post(server, review(), `/validate/${SECRET}?timeout=5s`)).statusCode).toBe(500);
  expect(errors).toMatchObject([{ path: '/validate/…?timeout=5s' }]);
  expect(JSON.stringify(errors)).not.toContain(SECRET);
});

test('what is answered, logged and counted never holds a secret', async () => {
  const { events, observer } = recorder();
  const lines: unknown[] = [];
  const say = (...line: unknown[]) => lines.push(line);
  const server = serverOf(undefined, {
    pathSecrets: () => [SECRET],
    observer,
    log: { info: say, warn: say, error: say },
  });
  const url = `/validate/${SECRET}`;
  const answers = [
    await post(server, review(), url),
    await post(server, '{', url),
    await post(server, review({ resource: { group: '', version: 'v1', resource: 'pods' } }), url),
    await post(server, review(), `${url}?timeout=never`),
    await post(server, review(), `${url}/%zz`),
    await server.app.inject({ method: 'GET', url }),
    await server.app.inject({ method: 'POST', url, payload: 'x' }),
  ];
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 400, 400, 400, 400, 404, 415]);
  for (const { body, headers } of answers) expect(`${body}${JSON.stringify(headers)}`).not.toContain(SECRET);
  expect(JSON.stringify([events, lines])).not.toContain(SECRET);
  expect(lines.length).toBeGreaterThan(0);
});
