import { createServer, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { RequestCredentials } from '../../../../src/cluster/access/credentials.ts';
import { Client } from '../../../../src/cluster/api/client.ts';
import { LEASES, NETWORK_POLICIES } from '../../../../src/cluster/api/resource.ts';
import { NotLeading } from '../../../../src/cluster/election/term.ts';
import { systemClock } from '../../../../src/runtime/system-clock.ts';
import { startScripted } from '../scripted-server.ts';
import { clientOf, eventually, onEnd, startServer } from '../world.ts';

const patience = () => ({ signal: AbortSignal.timeout(5000) });
const IN_SHOP = { ...NETWORK_POLICIES, namespace: 'shop' };
const PATH = '/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies';

const MERGE = { type: 'application/merge-patch+json', body: { a: 1 } } as const;

/** Every way to write, by its HTTP method. */
const WRITES: readonly (readonly [string, (client: Client, signal: AbortSignal) => Promise<unknown>])[] = [
  ['POST', (client, signal) => client.create(IN_SHOP, { a: 1 }, { signal })],
  ['PUT', (client, signal) => client.update(IN_SHOP, 'deny', { a: 1 }, { signal })],
  ['PATCH', (client, signal) => client.patch(IN_SHOP, 'deny', MERGE, { signal })],
  ['DELETE', (client, signal) => client.delete(IN_SHOP, 'deny', { a: 1 }, { signal })],
];

function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('a write', () => {
  test('says what it is to whom, with its body and its length', async () => {
    const { client, seen } = await startScripted(() => ({ code: 200, body: { stored: 'ä' } }));
    const lease = { ...LEASES, namespace: 'guard' };
    expect(await client.update(lease, 'one', { text: 'ä' }, patience())).toEqual({ stored: 'ä' });
    const apply = { type: 'application/apply-patch+yaml', body: [1] } as const;
    const query = { fieldManager: 'netpol-guard', force: true };
    await client.patch(IN_SHOP, 'deny', apply, { ...patience(), query });
    await client.delete(IN_SHOP, 'deny', { preconditions: { uid: 'u' } }, patience());
    expect(
      seen.map(({ line, headers, body }) => [line, headers['content-type'], headers['content-length'], body]),
    ).toEqual([
      ['PUT /apis/coordination.k8s.io/v1/namespaces/guard/leases/one', 'application/json', '13', { text: 'ä' }],
      [`PATCH ${PATH}/deny?fieldManager=netpol-guard&force=true`, 'application/apply-patch+yaml', '3', [1]],
      [`DELETE ${PATH}/deny`, 'application/json', '29', { preconditions: { uid: 'u' } }],
    ]);
  });

  test.each(WRITES)('%s is not repeated where the connection breaks', async (method, write) => {
    const { client, seen, server } = await startScripted((request) => {
      if (request.line.startsWith('GET')) return { code: 200, body: {} };
      server.resetAll();
      return undefined;
    });
    await client.get(IN_SHOP, 'deny', patience());
    await expect(write(client, patience().signal)).rejects.toThrow(/ECONNRESET|socket hang up/);
    await client.get(IN_SHOP, 'deny', patience());
    expect(seen.map(({ line }) => line.split(' ')[0])).toEqual(['GET', method, 'GET']);
  });

  test.each(WRITES)('%s is broken off when the signal fires', async (_, write) => {
    const { client, seen, server } = await startScripted(() => undefined);
    const abort = new AbortController();
    const ended = failureOf(write(client, abort.signal));
    await eventually(() => seen.length === 1);
    abort.abort(new Error('the term is over'));
    expect(await ended).toEqual(new Error('the term is over'));
    await eventually(() => server.connections === 0);
    await expect(write(client, abort.signal)).rejects.toThrow('the term is over');
    expect(seen).toHaveLength(1);
  });
});

test.each(WRITES)(
  '%s is given up, and never sent, where credentials do not come before the signal',
  async (_, write) => {
    const { server, seen } = await startScripted(() => ({ code: 200, body: {} }));
    let give: (access: RequestCredentials) => void = () => undefined;
    const credentials = {
      server: server.url,
      access: () => new Promise<RequestCredentials>((resolve) => (give = resolve)),
      origin: 'a test',
      refused: () => undefined,
    };
    const client = new Client({ credentials, clock: systemClock, userAgent: 'test' });
    onEnd(() => client.close());
    const abort = new AbortController();
    const ended = failureOf(write(client, abort.signal));
    abort.abort(new Error('the term is over'));
    expect(await ended).toEqual(new Error('the term is over'));
    give({ headers: {}, tls: {} });
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen).toEqual([]);
  },
);

describe('a guarded client', () => {
  test.each(WRITES)('holds back %s where its guard throws, and says why', async (_, write) => {
    const { client, seen } = await startScripted(() => ({ code: 200, body: {} }));
    let leads = true;
    const guarded = client.guardedBy(() => {
      if (!leads) throw new NotLeading('not the leader');
    });
    await write(guarded, patience().signal);
    leads = false;
    await expect(write(guarded, patience().signal)).rejects.toThrow(new NotLeading('not the leader'));
    await write(client, patience().signal);
    expect(seen).toHaveLength(2);
    leads = true;
    await write(guarded, patience().signal);
    expect(seen).toHaveLength(3);
  });

  test('reads without asking its guard', async () => {
    const { client } = await startScripted(() => ({ code: 200, body: { a: 1 } }));
    const guarded = client.guardedBy(() => {
      throw new Error('asked');
    });
    expect(await guarded.get(IN_SHOP, 'deny', patience())).toEqual({ a: 1 });
  });

  test('asks its guard when the connection stands, not when the write is begun', async () => {
    let connected = 0;
    const bytes: Buffer[] = [];
    const listener = createServer((socket: Socket) => {
      connected += 1;
      socket.on('error', () => undefined).on('data', (chunk) => bytes.push(chunk));
    });
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    onEnd(() => listener.close());
    const address = listener.address();
    const server = await startServer();
    const url = new URL(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`);
    Object.defineProperty(server, 'url', { value: url });
    let leads = true;
    let asked = 0;
    const guarded = clientOf(server).guardedBy(() => {
      asked += 1;
      if (!leads) throw new NotLeading('not the leader');
    });
    const failure = failureOf(guarded.create(IN_SHOP, {}, patience()));
    // All that is done before the kernel is asked what has happened.
    for (let i = 0; i < 100; i += 1) await new Promise((resolve) => process.nextTick(resolve));
    leads = false;
    expect(await failure).toEqual(new NotLeading('not the leader'));
    await eventually(() => connected === 1);
    expect([asked, bytes.length]).toEqual([1, 0]);
  });
});
