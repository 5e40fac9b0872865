import { once } from 'node:events';
import { Agent, request } from 'node:https';
import { connect as connectPlain } from 'node:net';
import { connect } from 'node:tls';
import { expect, test } from 'vitest';
import { allowed } from '../../../../src/admission/review/response.ts';
import { issueLoopbackCertificate } from '../../../../src/tls/x509/loopback.ts';
import { listening } from '../callers.ts';
import { certificate, policy, recorder, review } from '../setup.ts';

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

function call(port: number, agent: Agent, body: string, ca: string = certificate.ca): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const options = { host: '127.0.0.1', port, path: '/validate?timeout=5s', method: 'POST', headers, agent, ca };
    const sent = request(options, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk);
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString() });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Everything that comes back on one TLS connection until it is closed. */
async function conversation(port: number, text: string): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port, ca: certificate.ca });
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('error', () => {});
  socket.write(text);
  await once(socket, 'close');
  return Buffer.concat(chunks).toString();
}

test('a review over TLS is answered, and the connection kept for 120 s', async () => {
  const { port } = await listening();
  const agent = new Agent({ keepAlive: true });
  const answer = await call(port, agent, JSON.stringify(review()));
  expect([answer.status, answer.headers['connection'], answer.headers['keep-alive']]).toEqual([
    200,
    'keep-alive',
    'timeout=120',
  ]);
  agent.destroy();
});

test('HTTP/1.1 is all that is spoken', async () => {
  const { port } = await listening();
  const socket = connect({ host: '127.0.0.1', port, ca: certificate.ca, ALPNProtocols: ['h2', 'http/1.1'] });
  await once(socket, 'secureConnect');
  expect(socket.alpnProtocol).toBe('http/1.1');
  socket.destroy();
});

test('a new certificate is served to new connections, and the old ones live on', async () => {
  const { server, port } = await listening();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  await call(port, agent, JSON.stringify(review()));
  const next = await issueLoopbackCertificate(Date.now());
  server.setSecureContext(next);
  const kept = await call(port, agent, JSON.stringify(review()));
  expect(kept.status).toBe(200);
  agent.destroy();
  await expect(call(port, new Agent(), JSON.stringify(review()))).rejects.toThrow();
  expect((await call(port, new Agent(), JSON.stringify(review()), next.ca)).status).toBe(200);
});

test.each(['', 'Expect: x\r\n'])(
  'nothing is made of requests behind one that is not answered yet, with "%s"',
  async (header) => {
    const { observer, events } = recorder();
    const { port } = await listening(undefined, { observer });
    await conversation(port, `GET /nowhere HTTP/1.1\r\nHost: a\r\n${header}\r\n`.repeat(300));
    expect(events).toEqual(['refused 404', 'refused 400']);
  },
);

test('headers that are too large are refused', async () => {
  const { port } = await listening();
  const answer = await conversation(port, `POST /validate HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(17_000)}\r\n\r\n`);
  expect(answer).toMatch(/^HTTP\/1\.1 431 /);
});

test.each(['nonsense\r\n\r\n', 'POST /validate HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n'])(
  'what is not HTTP is refused: %j',
  async (text) => {
    const { port } = await listening();
    expect(await conversation(port, text)).toMatch(/^HTTP\/1\.1 400 /);
  },
);

test.each(['/%zz', '/validate%', '//', '/validate?timeout=%zz'])('the path %s does no harm', async (path) => {
  const { port } = await listening();
  const head = `POST ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`;
  expect(await conversation(port, head)).toMatch(/^HTTP\/1\.1 4\d\d /);
});

/** Milliseconds; the limits that are in force without a test's own are longer. */
const WELL_BELOW_LIMITS = 8_000;

test(
  'headers that never end, and bodies that never do, are given up',
  async () => {
    const { port } = await listening(undefined, { limits: { headersTimeout: 100, requestTimeout: 200 } });
    const answers = await Promise.all([
      conversation(port, 'POST /validate HTTP/1.1\r\nHost: a\r\nX:'),
      conversation(
        port,
        'POST /validate HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"a"',
      ),
    ]);
    expect(answers[0]).toMatch(/^HTTP\/1\.1 408 /);
    expect(answers[1]).toMatch(/^(HTTP\/1\.1 408 |$)/);
  },
  WELL_BELOW_LIMITS,
);

test('a caller that hangs up in the middle of a body leaves nothing behind', async () => {
  const { events, observer } = recorder();
  const { server, port } = await listening(undefined, { observer, limits: { requests: 1 } });
  const socket = connect({ host: '127.0.0.1', port, ca: certificate.ca });
  socket.write(
    'POST /validate HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"a"',
  );
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(server.quietFor()).toBe(0);
  socket.destroy();
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(server.quietFor()).toBeGreaterThan(0);
  expect((await call(port, new Agent(), JSON.stringify(review()))).status).toBe(200);
  expect(events).not.toContain('internal error review');
});

test(
  'a TLS handshake that never ends is given up',
  async () => {
    const { port } = await listening(undefined, { limits: { handshakeTimeout: 100 } });
    const socket = connectPlain({ host: '127.0.0.1', port });
    socket.on('error', () => {});
    await once(socket, 'close');
    expect(socket.destroyed).toBe(true);
  },
  WELL_BELOW_LIMITS,
);

test('a body that is announced too large is refused before it is sent', async () => {
  const { port } = await listening();
  const head =
    'POST /validate HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 99999999\r\n\r\n';
  expect(await conversation(port, head)).toMatch(/^HTTP\/1\.1 413 .*connection: close/is);
});

test('a body in chunks is read, and held to the same limit', async () => {
  const { port } = await listening(undefined, { limits: { body: 5000 } });
  const head =
    'POST /validate HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n';
  const chunk = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
  const body = JSON.stringify(review({ object: policy() }));
  const halves = [body.slice(0, 100), body.slice(100)];
  expect(await conversation(port, `${head}${halves.map(chunk).join('')}0\r\n\r\n`)).toMatch(/^HTTP\/1\.1 200 /);
  expect(await conversation(port, `${head}${chunk('x'.repeat(3000))}${chunk('x'.repeat(3000))}0\r\n\r\n`)).toMatch(
    /^HTTP\/1\.1 413 /,
  );
});

test('who answers is told when nobody waits for the answer any more', async () => {
  let gone = () => {};
  let asked = () => {};
  const [isGone, isAsked] = [new Promise<void>((done) => (gone = done)), new Promise<void>((done) => (asked = done))];
  const { port } = await listening(async (_request, _deadline, onGone) => {
    onGone?.(gone);
    asked();
    await isGone;
    return allowed();
  });
  const agent = new Agent({ keepAlive: true });
  const answer = call(port, agent, JSON.stringify(review()));
  await isAsked;
  agent.destroy();
  await expect(answer).rejects.toThrow();
  await isGone;
});

test('a review of which Go wrote every byte as six is read', async () => {
  const { port } = await listening();
  const large = policy(undefined, { annotations: { a: 'b'.repeat(9 * 1024 * 1024) } });
  const body = JSON.stringify(review({ object: large }));
  const head = `POST /validate HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
  expect(await conversation(port, `${head}${body}`)).toMatch(/^HTTP\/1\.1 200 .*"allowed":true/is);
});
