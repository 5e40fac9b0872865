import { expect, test } from 'vitest';
import { NETWORK_POLICIES } from '../../../../src/cluster/api/resource.ts';
import { readNamespace } from '../../../../src/cluster/caches/live-read.ts';
import { PolicyCache } from '../../../../src/cluster/caches/policy-cache.ts';
import { OWN_POLICIES } from '../../../../src/cluster/caches/policy-collection.ts';
import { Reflector } from '../../../../src/cluster/watch/reflector.ts';
import { systemClock } from '../../../../src/runtime/system-clock.ts';
import type { FakeApiServer } from '../fake-api-server.ts';
import { clientOf, eventually, onEnd, startServer, TestLogger } from '../world.ts';

const POLICIES = '/apis/networking.k8s.io/v1/networkpolicies';
const IN_SHOP = '/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies';
const DENY = { podSelector: {}, policyTypes: ['Egress'] };

function policy(name: string, spec: unknown = DENY, metadata: object = {}) {
  return { metadata: { name, namespace: 'shop', ...metadata }, spec };
}

/** A cache that has seen what `configure` puts into the namespace, and from then on sees nothing more. */
async function lagging(configure: (server: FakeApiServer) => void = () => {}) {
  const server = await startServer((fake) => {
    fake.put('/api/v1/namespaces', { metadata: { name: 'shop' } });
    configure(fake);
  });
  const client = clientOf(server);
  const logger = new TestLogger();
  const cache = new PolicyCache(logger);
  const reflector = new Reflector({ client, resource: NETWORK_POLICIES, handler: cache, clock: systemClock, logger });
  onEnd(() => reflector.stop());
  await eventually(() => reflector.hasSynced && server.watching === 1);
  server.lagging = true;
  server.requests.length = 0;
  const collections = () => [{ ...OWN_POLICIES, reflector }];
  const read = (signal = AbortSignal.timeout(5000)) => readNamespace({ client, cache, collections }, 'shop', signal);
  const fetched = () => server.requests.filter((request) => request.startsWith(`GET ${IN_SHOP}/`));
  return { server, cache, read, fetched };
}

test('of a namespace that the cache knows, nothing is read whole', async () => {
  const { cache, read, fetched } = await lagging((fake) => {
    for (let i = 0; i < 600; i += 1) fake.put(POLICIES, policy(`policy-${i}`));
  });
  expect((await read()).policies).toBe(cache.policies('shop'));
  expect(fetched()).toEqual([]);
});

test('what is new or another version is read whole, and that alone; what is gone is left out', async () => {
  const { server, cache, read, fetched } = await lagging((fake) => {
    for (const name of ['changed', 'gone', 'same']) fake.put(POLICIES, policy(name));
  });
  server.put(POLICIES, policy('changed', { podSelector: {}, policyTypes: ['Ingress'] }));
  server.put(POLICIES, policy('new'));
  server.remove(POLICIES, 'shop', 'gone');
  const { policies, unreadable } = await read();
  expect([...policies.all()].map(({ ref }) => ref.name).sort()).toEqual(['changed', 'new', 'same']);
  expect(policies.get('changed')?.isolatesEgress).toBe(false);
  expect(policies.get('same')).toBe(cache.policies('shop').get('same'));
  expect(unreadable).toEqual([]);
  expect(fetched().sort()).toEqual([`GET ${IN_SHOP}/changed`, `GET ${IN_SHOP}/new`]);
});

test('what goes or changes between the list and the read of it, is gone or newer', async () => {
  const { server, read } = await lagging();
  server.put(POLICIES, policy('going'));
  server.put(POLICIES, policy('changing'));
  server.faults.push((_request, _response, url) => {
    if (url.pathname === `${IN_SHOP}/going`) server.remove(POLICIES, 'shop', 'going');
    if (url.pathname === `${IN_SHOP}/changing`) {
      server.put(POLICIES, policy('changing', { podSelector: {}, policyTypes: ['Ingress'] }));
    }
    return false;
  });
  const { policies } = await read();
  expect([...policies.all()].map(({ ref, isolatesEgress }) => [ref.name, isolatesEgress])).toEqual([
    ['changing', false],
  ]);
});

test('a policy that cannot be read is named, and not read again where the cache has tried', async () => {
  const broken = { podSelector: 'x' };
  const { server, read, fetched } = await lagging((fake) => fake.put(POLICIES, policy('known', broken)));
  expect(await read()).toMatchObject({ unreadable: ['known'] });
  expect(fetched()).toEqual([]);
  server.put(POLICIES, policy('new', broken));
  expect(await read()).toMatchObject({ unreadable: ['known', 'new'] });
  expect(fetched()).toEqual([`GET ${IN_SHOP}/new`]);
});

test('a hundred policies are read whole, eight at a time', async () => {
  const { server, read, fetched } = await lagging();
  for (let i = 0; i < 100; i += 1) server.put(POLICIES, policy(`policy-${i}`));
  let underWay = 0;
  let most = 0;
  server.faults.push((_request, response, url) => {
    if (!url.pathname.startsWith(`${IN_SHOP}/`)) return false;
    underWay += 1;
    most = Math.max(most, underWay);
    response.on('finish', () => (underWay -= 1));
    return new Promise((resolve) => setImmediate(resolve, false));
  });
  expect((await read()).policies.size).toBe(100);
  expect(fetched()).toHaveLength(100);
  expect(most).toBe(8);
});

test('where more differ, none is read whole', async () => {
  const { server, read, fetched } = await lagging();
  for (let i = 0; i < 101; i += 1) server.put(POLICIES, policy(`policy-${i}`));
  await expect(read()).rejects.toThrow('101 policies of shop differ from the cache');
  expect(fetched()).toEqual([]);
});

test('a policy whose read fails ends all of it', async () => {
  const { server, read, fetched } = await lagging();
  for (let i = 0; i < 40; i += 1) server.put(POLICIES, policy(`policy-${i}`));
  server.faults.push((_request, response, url) => {
    if (!url.pathname.endsWith('/policy-3')) return false;
    response.destroy();
    return true;
  });
  await expect(read()).rejects.toThrow();
  expect(fetched().length).toBeLessThanOrEqual(8);
});

test('where the Namespace cannot be read, the list of its policies is given up, and the read ends with it', async () => {
  const { server, read } = await lagging();
  let listing = 0;
  server.faults.push(async (_request, response, url) => {
    if (url.pathname === '/api/v1/namespaces/shop') {
      await eventually(() => listing === 1);
      response.end('{"kind": "nonsense"}');
    } else {
      listing += 1;
      response.on('close', () => (listing -= 1));
    }
    return true;
  });
  await expect(read(new AbortController().signal)).rejects.toThrow('metadata.name');
  await eventually(() => listing === 0);
});

test.each(['.', '..', ''])('the namespace "%s" is a step through a path, and nothing is asked', async (name) => {
  const { server, cache } = await lagging();
  const signal = AbortSignal.timeout(5000);
  const collections = () => [{ ...OWN_POLICIES, reflector: { versionOf: () => undefined } }];
  const sources = { client: clientOf(server), cache, collections };
  const reading = readNamespace(sources, name, signal);
  await expect(reading).rejects.toThrow(`"${name}" names nothing`);
  expect(server.requests).toEqual([]);
});

test('metadata that tenants have made large costs sixteen megabytes, and no second try in smaller pages', async () => {
  const { server, read, fetched } = await lagging();
  const annotations = { note: 'x'.repeat(256 * 1024) };
  for (let i = 0; i < 100; i += 1) server.put(POLICIES, policy(`fat-${i}`, DENY, { annotations }));
  await expect(read()).rejects.toThrow(`longer than ${16 * 2 ** 20} bytes`);
  expect(server.requests.filter((request) => request.includes('limit='))).toHaveLength(1);
  expect(fetched()).toEqual([]);
});

test('large policies that are read whole cost the same together', async () => {
  const { server, read, fetched } = await lagging();
  const spec = { ...DENY, note: 'x'.repeat(2 ** 20) };
  for (let i = 0; i < 100; i += 1) server.put(POLICIES, policy(`fat-${i}`, spec));
  await expect(read()).rejects.toThrow(`longer than ${16 * 2 ** 20} bytes`);
  expect(fetched()).toHaveLength(16);
});

test('the deadline ends it, wherever it is', async () => {
  const { server, read } = await lagging();
  server.put(POLICIES, policy('stuck'));
  const deadline = new AbortController();
  server.faults.push((_request, _response, url) => {
    if (!url.pathname.endsWith('/stuck')) return false;
    deadline.abort(new Error('out of time'));
    return true;
  });
  await expect(read(deadline.signal)).rejects.toThrow('out of time');
});
