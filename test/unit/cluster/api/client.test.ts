import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { ApiError, MalformedAnswer } from '../../../../src/cluster/api/api-error.ts';
import { Client } from '../../../../src/cluster/api/client.ts';
import { NAMESPACES, PODS } from '../../../../src/cluster/api/resource.ts';
import { systemClock } from '../../../../src/runtime/system-clock.ts';
import { sendStatus } from '../fake-api-server.ts';
import { clientOf, onEnd, startServer } from '../world.ts';

const patience = () => ({ signal: AbortSignal.timeout(5000) });

describe('the client', () => {
  test('makes many calls over one connection', async () => {
    const server = await startServer((fake) => fake.put('/api/v1/namespaces', { metadata: { name: 'shop' } }));
    const client = clientOf(server);
    for (let i = 0; i < 20; i += 1) await client.get(NAMESPACES, 'shop', patience());
    expect(server.requests).toHaveLength(20);
    expect(server.connections).toBe(1);
  });

  test('tells the observer of every request', async () => {
    const seen: unknown[][] = [];
    const server = await startServer();
    const client = clientOf(server, (...request) => seen.push(request.slice(0, 3)));
    await client.list({ ...PODS, namespace: 'shop' }, patience());
    await client.get(NAMESPACES, 'nowhere', patience()).catch(() => undefined);
    await (await client.watch(PODS, patience()))[Symbol.asyncIterator]().return?.();
    await server.stop();
    await client.document('/apis', patience()).catch(() => undefined);
    expect(seen).toEqual([
      ['list', 'pods', '200'],
      ['get', 'namespaces', '404'],
      ['watch', 'pods', '200'],
      ['get', '/apis', '<error>'],
    ]);
  });

  test('says what was refused, and why', async () => {
    const server = await startServer((fake) => {
      fake.faults = [
        (_request, response) => {
          sendStatus(response.setHeader('retry-after', '7'), 429, 'TooManyRequests', 'too many');
          return true;
        },
      ];
    });
    const error = await clientOf(server)
      .get(NAMESPACES, 'shop', patience())
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ code: 429, reason: 'TooManyRequests', retryAfterSeconds: 7 });
    expect(String(error)).toBe('ApiError: get /api/v1/namespaces/shop: 429 TooManyRequests: too many');
  });

  test('says to the credentials that they were refused', async () => {
    const server = await startServer((fake) => {
      fake.faults = [(_request, response) => (sendStatus(response, 401, 'Unauthorized', 'who?'), true)];
    });
    let refusals = 0;
    const credentials = {
      server: server.url,
      access: () => Promise.resolve({ headers: {}, tls: {} }),
      origin: 'a test',
      refused: () => void (refusals += 1),
    };
    const client = new Client({ credentials, clock: systemClock, userAgent: 'test' });
    onEnd(() => client.close());
    await expect(client.get(NAMESPACES, 'shop', patience())).rejects.toThrow('401 Unauthorized: who?');
    expect(refusals).toBe(1);
  });

  test('quotes an answer that is no Status, and does not take it for one', async () => {
    const server = await startServer((fake) => {
      fake.faults = [(_request, response) => (response.writeHead(502).end('<h1>Bad Gateway</h1>'), true)];
    });
    await expect(clientOf(server).get(NAMESPACES, 'shop', patience())).rejects.toThrow(/502 : <h1>Bad Gateway/);
  });

  test.each(['', '[1]', 'null', '{"a":', '"text"'])('takes %j for no answer', async (body) => {
    const server = await startServer((fake) => {
      fake.faults = [(_request, response) => (response.end(body), true)];
    });
    await expect(clientOf(server).get(NAMESPACES, 'shop', patience())).rejects.toBeInstanceOf(MalformedAnswer);
  });

  test('sends a GET again where the server had just closed the connection, and nothing else', async () => {
    const server = await startServer((fake) => fake.put('/api/v1/namespaces', { metadata: { name: 'shop' } }));
    const client = clientOf(server);
    const closeFirst = () => {
      let first = true;
      server.faults = [
        (request) => {
          if (first) request.socket.resetAndDestroy();
          const now = first;
          first = false;
          return now;
        },
      ];
    };
    await client.get(NAMESPACES, 'shop', patience());
    closeFirst();
    await client.get(NAMESPACES, 'shop', patience());
    expect(server.requests).toHaveLength(3);
    closeFirst();
    await expect(client.create(NAMESPACES, { metadata: {} }, patience())).rejects.toThrow();
    expect(server.requests).toHaveLength(4);
  });

  test('gives up on a server that accepts and says nothing', async () => {
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    onEnd(() => silent.close());
    const address = silent.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const server = await startServer();
    Object.defineProperty(server, 'url', { value: new URL(`http://127.0.0.1:${port}`) });
    const call = clientOf(server).get(NAMESPACES, 'shop', { ...patience(), timeoutMs: 100 });
    await expect(call).rejects.toThrow('get /api/v1/namespaces/shop: no answer within 100 ms');
  });

  test('throws the reason of the signal', async () => {
    const server = await startServer((fake) => {
      fake.faults = [() => true];
    });
    const abort = new AbortController();
    const call = clientOf(server).get(NAMESPACES, 'shop', { signal: abort.signal });
    await wait(20);
    abort.abort(new Error('deadline of the review'));
    await expect(call).rejects.toThrow('deadline of the review');
  });

  test('keeps a path of the server, and escapes names', async () => {
    const server = await startServer();
    const behind = new URL('/k8s/clusters/c-1/', server.url);
    Object.defineProperty(server, 'url', { value: behind });
    await clientOf(server)
      .get(NAMESPACES, '../../x?y', patience())
      .catch(() => undefined);
    expect(server.requests).toEqual(['GET /k8s/clusters/c-1/api/v1/namespaces/..%2F..%2Fx%3Fy']);
  });

  test('bounds what it holds of an answer', async () => {
    const server = await startServer((fake) => {
      fake.faults = [
        (_request, response) => {
          response.writeHead(200);
          const chunk = 'x'.repeat(2 ** 20);
          const more = () => {
            if (!response.destroyed) response.write(chunk, more);
          };
          more();
          return true;
        },
      ];
    });
    await expect(clientOf(server).list(PODS, { signal: AbortSignal.timeout(20_000) })).rejects.toThrow(
      'list /api/v1/pods: longer than 67108864 bytes',
    );
  });
});
