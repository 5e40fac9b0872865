import { Agent, request } from 'node:https';
import { connect } from 'node:tls';
import { expect, test } from 'vitest';
import { createPolicyHandler } from '../../../../src/admission/handlers/policies.ts';
import { allowed } from '../../../../src/admission/review/response.ts';
import { drain } from '../../../../src/admission/server/drain.ts';
import { NETWORK_POLICY } from '../../../../src/policy/dialects/network-policy/dialect.ts';
import { listening } from '../callers.ts';
import { certificate, judging, review, verdict } from '../setup.ts';

/** Nobody says to hurry. */
const patient = new AbortController().signal;

const BODY = JSON.stringify(review());

/** One call on a kept connection; rejects where the connection breaks, as the API server's would. */
function call(port: number, agent: Agent): Promise<{ readonly status: number; readonly closes: boolean }> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': BODY.length };
    const options = { host: '127.0.0.1', port, path: '/validate', method: 'POST', headers, agent, ca: certificate.ca };
    const sent = request(options, (response) => {
      response.resume();
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, closes: response.headers.connection === 'close' }),
      );
    });
    sent.on('error', reject);
    sent.end(BODY);
  });
}

test('no request fails while the server leaves, on any of twenty kept connections', async () => {
  const { server, port } = await listening();
  let endpointIsGone = false;
  const failures: unknown[] = [];
  let answered = 0;
  let closing = 0;
  // As the API server does: connections are kept, and none is opened once the endpoint is known to be gone.
  const client = async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    let mustReconnect = false;
    while (!(endpointIsGone && mustReconnect)) {
      try {
        const { status, closes } = await call(port, agent);
        if (status !== 200) failures.push(status);
        answered += 1;
        if (closes) closing += 1;
        mustReconnect = closes;
      } catch (error) {
        failures.push(error);
        mustReconnect = true;
      }
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 20));
    }
    agent.destroy();
  };
  const clients = Array.from({ length: 20 }, client);
  while (answered <= 50) await new Promise((resolve) => setTimeout(resolve, 10));
  const before = answered;
  const left = drain(server, { delayMs: 500, quietMs: 200, limitMs: 5000 }, patient);
  setTimeout(() => {
    endpointIsGone = true;
  }, 300);
  await Promise.all([left, ...clients]);
  expect(failures).toEqual([]);
  expect(answered).toBeGreaterThan(before);
  expect(closing).toBeGreaterThanOrEqual(20);
  await expect(call(port, new Agent())).rejects.toThrow('ECONNREFUSED');
}, 15_000);

test('a request that is being judged is answered before the server closes', async () => {
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const { server, port } = await listening(async () => {
    await held;
    return allowed();
  });
  const answer = call(port, new Agent({ keepAlive: true }));
  await new Promise((resolve) => setTimeout(resolve, 100));
  const left = drain(server, { delayMs: 0, quietMs: 50, limitMs: 5000 }, patient);
  setTimeout(release, 200);
  expect(await answer).toEqual({ status: 200, closes: true });
  await left;
});

test('whoever keeps coming does not hold the server for ever', async () => {
  const { server, port } = await listening(createPolicyHandler(judging({ evaluate: () => verdict() }), NETWORK_POLICY));
  let stopped = false;
  const nuisance = (async () => {
    while (!stopped) {
      await call(port, new Agent()).catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  })();
  await drain(server, { delayMs: 0, quietMs: 300, limitMs: 600 }, patient);
  await expect(call(port, new Agent())).rejects.toThrow('ECONNREFUSED');
  stopped = true;
  await nuisance;
});

test('told to hurry: whatever it waits for, the server closes at once, and cuts off what is in hand', async () => {
  const { server, port } = await listening(() => new Promise<never>(() => {}));
  const answer = call(port, new Agent({ keepAlive: true })).catch(String);
  await new Promise((resolve) => setTimeout(resolve, 100));
  const hurry = new AbortController();
  const left = drain(server, { delayMs: 60_000, quietMs: 60_000, limitMs: 120_000 }, hurry.signal);
  setTimeout(() => hurry.abort(), 50);
  await left;
  expect(await answer).toBe('Error: socket hang up');
}, 30_000);

test('told to hurry while it waits for the last answer: closes at once', async () => {
  const { server, port } = await listening(() => new Promise<never>(() => {}));
  const answer = call(port, new Agent({ keepAlive: true })).catch(String);
  await new Promise((resolve) => setTimeout(resolve, 100));
  const hurry = new AbortController();
  const left = drain(server, { delayMs: 0, quietMs: 0, limitMs: 60_000 }, hurry.signal);
  setTimeout(() => hurry.abort(), 200);
  await left;
  expect(await answer).toBe('Error: socket hang up');
});

test('a connection on which nothing was ever asked holds nobody up', async () => {
  const { server, port } = await listening();
  const socket = connect({ host: '127.0.0.1', port, ca: certificate.ca });
  await new Promise((resolve) => socket.once('secureConnect', resolve));
  const ended = new Promise((resolve) => socket.once('close', () => resolve('ended')));
  await drain(server, { delayMs: 0, quietMs: 0, limitMs: 5000 }, patient);
  expect(await ended).toBe('ended');
}, 5_000);
