import { Agent } from 'node:https';
import { describe, expect, test, vi } from 'vitest';
import { type Answer, allowed, withWarnings } from '../../../../src/admission/review/response.ts';
import type { ServerOptions } from '../../../../src/admission/server/server.ts';
import { API_SERVER, ask, type Caller, callTcp, callTls, head, listening, many, STRANGER } from '../callers.ts';
import { recorder, review } from '../setup.ts';

const BODY = JSON.stringify(review());
const SECRET = '3f2504e04f8911d39a0c0305e82c3301';

/** What a stranger may know, and so which path both take; there is a secret in half of the cases. */
const KNOWLEDGE: readonly {
  readonly who: string;
  readonly theirs: string;
  readonly ours: string;
  readonly options: Pick<ServerOptions, 'pathSecrets'>;
}[] = [
  { who: 'where paths are plain', theirs: '/validate', ours: '/validate', options: {} },
  {
    who: 'who does not know the secret',
    theirs: '/validate',
    ours: `/validate/${SECRET}`,
    options: { pathSecrets: () => [SECRET] },
  },
  {
    who: 'who knows the secret',
    theirs: `/validate/${SECRET}`,
    ours: `/validate/${SECRET}`,
    options: { pathSecrets: () => [SECRET] },
  },
];

/** A tenth of those in force, since each handshake takes a millisecond or more. */
const SCALED = {
  connections: 200,
  connectionsPerAddress: 100,
  provenConnections: 200,
  requests: 75,
  requestsPerAddress: 60,
};

const closed = (callers: readonly Caller[]) => callers.filter(({ isClosed }) => isClosed()).length;

describe.each(KNOWLEDGE)('a stranger $who', ({ theirs, ours, options }) => {
  test('takes nobody out of service with more connections than there may be', async () => {
    const { port } = await listening(undefined, { ...options, limits: SCALED });
    const kept = new Agent({ keepAlive: true, maxSockets: 1 });
    expect((await ask(port, BODY, { path: ours, agent: kept })).status).toBe(200);
    const strangers = await many(300, () => callTls(port, STRANGER));
    for (const { socket } of strangers.filter(({ isClosed }) => !isClosed())) socket.write(`${head(2, theirs)}{}`);
    expect((await ask(port, BODY, { path: ours })).status).toBe(200);
    expect((await ask(port, BODY, { path: ours, agent: kept })).status).toBe(200);
    kept.destroy();
  });

  test('cannot end a connection that gets on well by opening others, from its address or from another', async () => {
    const limits = { connections: 30, connectionsPerAddress: 20, provenConnections: 30 };
    const { port } = await listening(undefined, { ...options, limits });
    const kept = new Agent({ keepAlive: true, maxSockets: 1 });
    const use = async () => (await ask(port, BODY, { path: ours, agent: kept })).status;
    expect(await use()).toBe(200);
    const used: unknown[] = [];
    kept.on('free', (socket) => used.push(socket));
    for (const localAddress of [STRANGER, API_SERVER]) {
      for (let n = 0; n < 10; n += 1) {
        const strangers = await many(10, () => callTls(port, localAddress));
        for (const { socket } of strangers) socket.write(`${head(Buffer.byteLength(BODY), theirs)}${BODY}`);
        expect(await use()).toBe(200);
      }
    }
    expect(new Set(used).size).toBe(1);
    kept.destroy();
  });

  test('starves nobody with more bodies that do not come than there are places', async () => {
    const { port } = await listening(undefined, { ...options, limits: SCALED });
    const strangers = await many(150, () => callTls(port, STRANGER));
    for (const { socket } of strangers) socket.write(`${head(60_000, theirs)}{`);
    for (const localAddress of [API_SERVER, STRANGER]) {
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => ask(port, BODY, { path: ours, localAddress })),
      );
      expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
    }
  });

  test('starves nobody with bodies that nearly come, however many bytes they hold', async () => {
    const { events, observer } = recorder();
    const limits = { waitingBytes: 1_000_000, body: 400_000 };
    const { port } = await listening(undefined, { ...options, observer, limits });
    const strangers = await many(40, () => callTls(port, STRANGER));
    for (const { socket } of strangers) socket.write(`${head(100_000, theirs)}${' '.repeat(90_000)}`);
    const large = JSON.stringify(review({ padding: 'x'.repeat(300_000) }));
    expect((await ask(port, large, { path: ours })).status).toBe(200);
    if (theirs === ours) await vi.waitFor(() => expect(events).toContain('cut off bytes'));
  });
});

test('2000 connections of one address that do nothing are 750 soon, and an ordinary client is served', async () => {
  const { port } = await listening();
  const strangers = await many(2000, () => callTcp(port, STRANGER));
  await vi.waitFor(() => expect(closed(strangers)).toBe(1250));
  expect((await ask(port, BODY)).status).toBe(200);
  expect((await ask(port, BODY, { localAddress: STRANGER })).status).toBe(200);
});

test('500 clients behind one address are served, over and over, and none of their connections is ended', async () => {
  const { events, observer } = recorder();
  const { port } = await listening(undefined, { observer });
  const agents = Array.from({ length: 500 }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
  for (let round = 0; round < 2; round += 1) {
    const answers = await Promise.all(agents.map((agent) => ask(port, BODY, { agent })));
    expect(answers.every(({ status, connection }) => status === 200 && connection === 'keep-alive')).toBe(true);
  }
  expect(events.filter((event) => event.startsWith('cut off') || event.startsWith('shed'))).toEqual([]);
  for (const agent of agents) agent.destroy();
});

test('connections that never begin TLS are counted from the first byte on, and the oldest go first', async () => {
  const { events, observer } = recorder();
  const { port } = await listening(undefined, { observer, limits: { connections: 20, connectionsPerAddress: 10 } });
  const silent = await many(30, () => callTcp(port, STRANGER));
  await vi.waitFor(() => expect(closed(silent)).toBe(20));
  expect(closed(silent.slice(20))).toBe(0);
  expect(events).toEqual(Array.from({ length: 20 }, () => 'cut off connections'));
  expect((await ask(port, BODY)).status).toBe(200);
});

test('many addresses share what there is: the one with most connections gives', async () => {
  const { port } = await listening(undefined, { limits: { connections: 12, connectionsPerAddress: 10 } });
  const quiet = await many(2, () => callTcp(port, '127.0.0.9'));
  const greedy = await many(9, () => callTcp(port, STRANGER));
  await many(4, () => callTcp(port, '127.0.0.3'));
  await vi.waitFor(() => expect(closed(greedy)).toBe(3));
  expect(closed(quiet)).toBe(0);
});

test('a body that is late is answered with 408, and its connection closed', async () => {
  const { events, observer } = recorder();
  const { port } = await listening(undefined, { observer, limits: { bodyTimeout: 200 } });
  const slow = await callTls(port, STRANGER);
  slow.socket.write(`${head(100)}{"a"`);
  const answer = await slow.all;
  expect(answer).toMatch(/^HTTP\/1\.1 408 .*connection: close/is);
  expect(answer).toContain('the body did not arrive within 0.2 s');
  expect(events).toEqual(['refused 408']);
});

test('a body that trickles is as late as one that does not come', async () => {
  const { port } = await listening(undefined, { limits: { bodyTimeout: 300 } });
  const slow = await callTls(port, STRANGER);
  slow.socket.write(head(100_000));
  const trickle = setInterval(() => slow.socket.write(' '), 20);
  expect(await slow.all).toMatch(/^HTTP\/1\.1 408 /);
  clearInterval(trickle);
});

test('an answer that nobody reads holds no place, and ends its connection', async () => {
  const { events, observer } = recorder();
  const long = 'x'.repeat(12_000_000);
  const handler = ({ name }: { name: string }) => withWarnings(allowed(), name === 'long' ? [long] : []);
  const asking = JSON.stringify(review({ name: 'long' }));
  const limits = { requests: 2, answerTimeout: 300, waitingBytes: 100_000_000 };
  const { port } = await listening(handler, { observer, limits });
  const deaf = await many(4, async () => {
    const caller = await callTls(port, STRANGER);
    caller.socket.pause();
    caller.socket.write(`${head(Buffer.byteLength(asking))}${asking}`);
    return caller;
  });
  await vi.waitFor(() => expect(events.filter((event) => event.startsWith('decided'))).toHaveLength(4));
  expect((await ask(port, BODY)).status).toBe(200);
  await vi.waitFor(() => expect(events.filter((event) => event === 'cut off answer')).toHaveLength(4));
  for (const { socket } of deaf) socket.resume();
});

test('who sends the next request before the answer to the one before has places no more than connections', async () => {
  let judged = 0;
  const never = new Promise<never>(() => {});
  const { port } = await listening(() => {
    judged += 1;
    return never;
  });
  const impatient = await callTls(port, STRANGER);
  const one = `${head(Buffer.byteLength(BODY))}${BODY}`;
  impatient.socket.write(one.repeat(50));
  await impatient.all;
  expect(judged).toBeLessThanOrEqual(1);
  const next = await callTls(port, STRANGER);
  next.socket.write(one);
  await vi.waitFor(() => expect(judged).toBeGreaterThan(0));
});

test('who goes away while its request is judged leaves its place to others of its address', async () => {
  let isSlow = true;
  let judged = 0;
  const handler = async () => {
    judged += 1;
    return isSlow ? new Promise<never>(() => {}) : allowed();
  };
  const { server, port } = await listening(handler, { limits: { requests: 4, requestsPerAddress: 4 } });
  const hasty = await many(4, () => callTls(port, API_SERVER));
  for (const { socket } of hasty) socket.write(`${head(Buffer.byteLength(BODY))}${BODY}`);
  await vi.waitFor(() => expect(judged).toBe(4));
  for (const { socket } of hasty) socket.destroy();
  await vi.waitFor(() => expect(server.quietFor()).toBeGreaterThan(0));
  isSlow = false;
  const answers = await Promise.all(Array.from({ length: 4 }, () => ask(port, BODY)));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
});

test('all places of an address may be taken, and there are some for others', async () => {
  const release: (() => void)[] = [];
  const handler = () => new Promise<Answer>((resolve) => release.push(() => resolve(allowed())));
  const { port } = await listening(handler, { limits: { requests: 12, requestsPerAddress: 10 } });
  const strangers = await many(12, () => callTls(port, STRANGER));
  for (const { socket } of strangers) socket.write(`${head(Buffer.byteLength(BODY))}${BODY}`);
  await vi.waitFor(() => expect(release).toHaveLength(10));
  const ours = ask(port, BODY);
  await vi.waitFor(() => expect(release).toHaveLength(11));
  for (const done of release) done();
  expect((await ours).status).toBe(200);
});

test.each([
  ['nothing of ours', 'GET /x HTTP/1.1\r\nHost: a\r\n\r\n', 404],
  ['another method', 'GET /validate HTTP/1.1\r\nHost: a\r\n\r\n', 405],
  ['no review', `${head(2)}{}`, 400],
  ['no JSON', `${head(2)}{{`, 400],
  ['another type', 'POST /validate HTTP/1.1\r\nHost: a\r\nContent-Type: a/b\r\nContent-Length: 2\r\n\r\n{}', 415],
  ['a body that is too large', head(99_999_999), 413],
  ['a bad timeout', `${head(Buffer.byteLength(BODY), '/validate?timeout=x')}${BODY}`, 400],
])('%s is the last thing on its connection, also where that has been good', async (_, text, status) => {
  const { port } = await listening();
  const [caller, other] = [await callTls(port, STRANGER), await callTls(port, STRANGER)];
  caller.socket.write(text);
  expect(await caller.all).toMatch(new RegExp(`^HTTP/1\\.1 ${status} .*connection: close`, 'is'));
  other.socket.write(`${head(Buffer.byteLength(BODY))}${BODY}`);
  await vi.waitFor(() => expect(other.heard()).toContain('"allowed":true}}'));
  other.socket.write(text);
  expect(await other.all).toMatch(
    new RegExp(`^HTTP/1\\.1 200 .*connection: keep-alive.*HTTP/1\\.1 ${status} .*connection: close`, 'is'),
  );
});

test('where it is too much, who has proven nothing is sent away, and who has may come again', async () => {
  const full = { limits: { requests: 0 } };
  const plain = await listening(undefined, full);
  expect(await ask(plain.port, BODY)).toMatchObject({ status: 503, connection: 'close' });
  const secret = await listening(undefined, { ...full, pathSecrets: () => [SECRET] });
  const agent = new Agent({ keepAlive: true });
  expect(await ask(secret.port, BODY, { path: `/validate/${SECRET}`, agent })).toMatchObject({
    status: 503,
    connection: 'keep-alive',
  });
  agent.destroy();
});

test('what was sent along with a refused request is read, so that its answer arrives', async () => {
  const { port } = await listening();
  for (let n = 0; n < 10; n += 1) {
    expect((await ask(port, 'x'.repeat(200_000), { path: '/nowhere' })).status).toBe(404);
  }
});

test('what goes on for ever after a refusal is not read to its end', async () => {
  const { port } = await listening(undefined, { limits: { restOfBody: { bytes: 10_000, milliseconds: 60_000 } } });
  const caller = await callTls(port, STRANGER);
  caller.socket.write('POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n');
  const chunk = `400\r\n${'x'.repeat(1024)}\r\n`;
  const pour = setInterval(() => caller.socket.write(chunk.repeat(4)), 5);
  expect(await caller.all).toMatch(/^HTTP\/1\.1 404 /);
  clearInterval(pour);
});

test('1000 strangers who know the secret, at our own address, end no connection that gets on well', async () => {
  const { port } = await listening(undefined, { pathSecrets: () => [SECRET], limits: { bodyTimeout: 60_000 } });
  const path = `/validate/${SECRET}`;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const used = new Set<unknown>();
  agent.on('free', (socket) => used.add(socket));
  expect((await ask(port, BODY, { path, agent })).status).toBe(200);
  const strangers = await many(1000, async () => {
    const caller = await callTls(port, API_SERVER);
    caller.socket.write(`${head(60_000, path)}{`);
    return caller;
  });
  expect((await ask(port, BODY, { path, agent })).status).toBe(200);
  expect(used.size).toBe(1);
  expect(closed(strangers)).toBe(0);
  agent.destroy();
}, 60_000);
