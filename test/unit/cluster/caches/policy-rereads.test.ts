import { expect, test } from 'vitest';
import { startCluster } from '../../../../src/cluster/cluster.ts';
import type { Settings } from '../../../../src/policy/model/settings.ts';
import { AddressSet } from '../../../../src/sets/address-set.ts';
import { LabelSelector } from '../../../../src/sets/label-selector.ts';
import { hurriedClock } from '../../../harness/clocks.ts';
import { SETTINGS } from '../../policy/fixtures.ts';
import { type FakeApiServer, sendStatus } from '../fake-api-server.ts';
import { clientOf, eventually, onEnd, startServer, TestLogger } from '../world.ts';

const POLICIES = '/apis/networking.k8s.io/v1/networkpolicies';
const NAMESPACES = '/api/v1/namespaces';
const MIB = 1024 * 1024;

/** Weighs about half a MiB. */
function heavy(name: string) {
  const egress = [{ ports: Array.from({ length: 1000 }, (_, i) => ({ port: i + 1 })) }];
  return { metadata: { name, namespace: 'shop' }, spec: { podSelector: {}, policyTypes: ['Egress'], egress } };
}

async function start(configure: (server: FakeApiServer) => void, settings: () => Settings = () => SETTINGS) {
  const server = await startServer(configure);
  const cluster = startCluster({
    client: clientOf(server),
    settings,
    clock: hurriedClock(50),
    logger: new TestLogger(),
    policyBytes: 2 * MIB,
  });
  onEnd(() => cluster.stop());
  await cluster.synced(AbortSignal.timeout(5000));
  return { server, cluster, shop: () => cluster.snapshot().policies('shop') };
}

const gets = (server: FakeApiServer) => server.requests.filter((request) => /networkpolicies\/[^?]+$/.test(request));

test('what did not fit is read again once there is room for it', async () => {
  const { server, cluster, shop } = await start((fake) => {
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) fake.put(POLICIES, heavy(name));
  });
  const room = () => cluster.snapshot().room?.('shop');
  expect(cluster.snapshot().unreadablePolicies('shop')).toEqual(['e', 'f']);
  expect(room()?.isWhole).toBe(false);
  expect(gets(server)).toEqual([]);
  server.remove(POLICIES, 'shop', 'a');
  await eventually(() => shop().get('e') !== undefined);
  expect(shop().get('e')?.egress[0]?.entries).toHaveLength(1000);
  expect(cluster.snapshot().unreadablePolicies('shop')).toEqual(['f']);
  expect(gets(server)).toHaveLength(1);
  server.remove(POLICIES, 'shop', 'b');
  await eventually(() => room()?.isWhole === true);
  expect(shop().get('f')?.egress[0]?.entries).toHaveLength(1000);
});

test('a read that fails is tried again', async () => {
  const { server, shop } = await start((fake) => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) fake.put(POLICIES, heavy(name));
  });
  let failures = 0;
  server.faults.push((_request, response, url) => {
    if (!url.pathname.endsWith('/e') || failures === 3) return false;
    failures += 1;
    sendStatus(response, 500, 'InternalError', 'a fault');
    return true;
  });
  server.remove(POLICIES, 'shop', 'a');
  await eventually(() => shop().get('e') !== undefined);
  expect(failures).toBe(3);
});

test('a live read takes nothing in that the cache could not keep', async () => {
  const { cluster } = await start((fake) => {
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) fake.put(POLICIES, heavy(name));
  });
  const live = await cluster.confirm('shop', AbortSignal.timeout(3000));
  expect(live.policies('shop').size).toBe(4);
  expect(live.unreadablePolicies('shop')).toEqual(['e', 'f']);
  expect(live.room?.('shop').limit).toBe(2 * MIB);
});

test('where a new configuration says that DNS servers run, ingress is read again', async () => {
  const spec = { podSelector: {}, policyTypes: ['Ingress'], ingress: [{}, { from: [{ podSelector: {} }] }] };
  let settings = SETTINGS;
  const { cluster, shop } = await start(
    (fake) => {
      fake.put(NAMESPACES, { metadata: { name: 'shop', labels: { dns: 'here' } } });
      fake.put(POLICIES, { metadata: { name: 'web', namespace: 'shop' }, spec });
    },
    () => settings,
  );
  expect(shop().get('web')?.ingress).toHaveLength(0);
  const ports = { udp: [53], tcp: [53], udpNames: [], tcpNames: [] };
  const namespaces = LabelSelector.of(new Map([['dns', 'here']]));
  const server = {
    kind: 'pods',
    name: 'x',
    namespaces,
    pods: LabelSelector.everything,
    ports,
    addresses: AddressSet.empty,
  } as const;
  settings = { ...SETTINGS, dns: { ...SETTINGS.dns, servers: [server] } };
  expect(cluster.snapshot().unreadablePolicies('shop')).toEqual(['web']);
  await eventually(() => shop().get('web')?.ingress.length === 2);
  expect(cluster.snapshot().unreadablePolicies('shop')).toEqual([]);
});
