import { Agent } from 'node:https';
import { describe, expect, test, vi } from 'vitest';
import { ask, type Caller, callTls, getEach, head, listening, STRANGER } from '../callers.ts';
import { recorder, review } from '../setup.ts';

const SECRET = 'a'.repeat(32);
const NEWER = 'n'.repeat(32);
const OTHER = 'o'.repeat(32);
const BODY = JSON.stringify(review());

/** A promise, and what fulfils it. */
function pending() {
  let answer: (isThere: boolean) => void = () => undefined;
  const asked = new Promise<boolean>((resolve) => (answer = resolve));
  return { asked, answer };
}

describe('a path that is not known to be there', () => {
  test('is asked about, and then answered, or as one that was never there', async () => {
    const asked: unknown[] = [];
    const otherPaths = async (secret: string | undefined) => {
      asked.push(secret);
      return secret === NEWER;
    };
    const { port } = await listening(undefined, { pathSecrets: () => [SECRET], otherPaths });
    const [known, newer, other, plain, never] = await Promise.all(
      [`/validate/${SECRET}`, `/validate/${NEWER}`, `/validate/${OTHER}`, '/validate', '/never'].map((path) =>
        ask(port, BODY, { path }),
      ),
    );
    expect([known?.status, newer?.status, never?.status]).toEqual([200, 200, 404]);
    expect(never).toMatchObject({ connection: 'close' });
    expect([other, plain]).toEqual([never, never]);
    expect(asked.toSorted()).toEqual([NEWER, OTHER, undefined]);
  });

  test('is not asked about for the sake of other methods, which learn nothing', async () => {
    const otherPaths = vi.fn(async () => true);
    const { port } = await listening(undefined, { pathSecrets: () => [SECRET], otherPaths });
    const heard = await getEach(port, ['/never', '/validate', `/validate/${OTHER}`]);
    expect(heard[0]).toMatch(/^HTTP\/1\.1 404 /);
    expect(new Set(heard).size).toBe(1);
    expect(otherPaths).not.toHaveBeenCalled();
  });

  test('is there where nobody can tell in time, whatever time the caller claims to have', async () => {
    const never = () => new Promise<boolean>(() => undefined);
    const { port } = await listening(undefined, {
      pathSecrets: () => [SECRET],
      otherPaths: never,
      limits: { pathPatience: 1 },
    });
    expect((await ask(port, BODY)).status).toBe(200);

    const late = pending();
    const hurried = await listening(undefined, { pathSecrets: () => [SECRET], otherPaths: () => late.asked });
    const waiting = ask(hurried.port, BODY, { path: '/validate?timeout=1ns' });
    setTimeout(() => late.answer(false), 20);
    expect((await waiting).status).toBe(404);
  });

  test('holds no place while it is asked about: places are for those that are judged', async () => {
    const late = pending();
    const otherPaths = vi.fn(() => late.asked);
    const { port } = await listening(undefined, {
      pathSecrets: () => [SECRET],
      otherPaths,
      limits: { requests: 1, requestsPerAddress: 1 },
    });
    const waiting = ask(port, BODY);
    await vi.waitFor(() => expect(otherPaths).toHaveBeenCalled());
    expect((await ask(port, BODY, { path: `/validate/${SECRET}` })).status).toBe(200);
    late.answer(true);
    expect((await waiting).status).toBe(200);
  });

  test('is not judged for who has gone away meanwhile', async () => {
    const late = pending();
    const otherPaths = vi.fn(() => late.asked);
    const { events, observer } = recorder();
    const inFlight = vi.fn();
    const { port } = await listening(undefined, {
      pathSecrets: () => [SECRET],
      otherPaths,
      observer: { ...observer, inFlight },
    });
    const caller = await callTls(port, STRANGER);
    caller.socket.write(`${head(Buffer.byteLength(BODY))}${BODY}`);
    await vi.waitFor(() => expect(otherPaths).toHaveBeenCalled());
    caller.socket.destroy();
    await vi.waitFor(() => expect(inFlight).toHaveBeenLastCalledWith(0));
    late.answer(true);
    await vi.waitFor(() => expect(events).toEqual(['refused 400']));
  });

  test('does not say that paths are missing before it is known whether there is one', async () => {
    const { port } = await listening(undefined, {
      pathSecrets: () => [SECRET],
      otherPaths: async () => false,
      notReady: () => ['a cache'],
    });
    expect((await ask(port, BODY)).status).toBe(404);
    expect((await ask(port, BODY, { path: `/validate/${SECRET}` })).status).toBe(503);
  });
});

test('who has shown a secret is not counted with strangers, who go first; who has asked for a plain path is', async () => {
  const { port } = await listening(undefined, {
    pathSecrets: () => [SECRET],
    plainPaths: () => true,
    notReady: () => ['a cache'],
    limits: { connections: 2, connectionsPerAddress: 2 },
  });
  const proven = new Agent({ keepAlive: true, maxSockets: 1 });
  const path = `/validate/${SECRET}`;
  expect((await ask(port, BODY, { path, agent: proven })).connection).toBe('keep-alive');
  expect((await ask(port, BODY)).connection).toBe('close');
  const strangers: Caller[] = [];
  for (let i = 0; i < 4; i += 1) strangers.push(await callTls(port, STRANGER));
  await vi.waitFor(() => expect(strangers.filter((one) => one.isClosed())).toHaveLength(2));
  expect((await ask(port, BODY, { path, agent: proven })).connection).toBe('keep-alive');
  proven.destroy();
});
