import { describe, expect, test } from 'vitest';
import { type Cluster, startCluster } from '../../../src/cluster/cluster.ts';
import { hurriedClock } from '../../harness/clocks.ts';
import { SETTINGS } from '../policy/fixtures.ts';
import type { FakeApiServer } from './fake-api-server.ts';
import { clientOf, eventually, onEnd, startServer, TestLogger } from './world.ts';

const POLICIES = '/apis/networking.k8s.io/v1/networkpolicies';
const NAMESPACES = '/api/v1/namespaces';
const SERVICES = '/api/v1/services';
const PODS = '/api/v1/pods';
const SLICES = '/apis/discovery.k8s.io/v1/endpointslices';

const soon = () => AbortSignal.timeout(3000);

function policy(namespace: string, name: string, labels: Record<string, string> = {}) {
  return { metadata: { name, namespace, labels }, spec: { podSelector: {}, policyTypes: ['Egress'] } };
}

function putDns(server: FakeApiServer, port = 53, annotations: object = {}): void {
  const metadata = { name: 'kube-dns', namespace: 'kube-system', annotations };
  const ports = ['UDP', 'TCP'].map((protocol) => ({ name: protocol, port: 53, targetPort: port, protocol }));
  server.put(SERVICES, { metadata, spec: { clusterIP: '10.43.0.10', selector: { app: 'dns' }, ports } });
}

function putDnsPod(server: FakeApiServer): void {
  const metadata = { name: 'coredns-0', namespace: 'kube-system', labels: { app: 'dns' } };
  server.put(PODS, { metadata, spec: {}, status: { podIPs: [{ ip: '10.42.0.3' }] } });
}

function putEndpoints(server: FakeApiServer, addresses: readonly string[], annotations: object = {}): void {
  const labels = { 'kubernetes.io/service-name': 'kubernetes' };
  const metadata = { name: 'kubernetes', namespace: 'default', labels, annotations };
  server.put(SLICES, { metadata, endpoints: [{ addresses }], ports: [{ name: 'https', port: 6443, protocol: 'TCP' }] });
}

async function startSynced(): Promise<{ readonly cluster: Cluster; readonly server: FakeApiServer }> {
  const server = await startServer((fake) => {
    for (const name of ['kube-system', 'shop', 'bank'])
      fake.put(NAMESPACES, { metadata: { name, labels: { team: 'a' } } });
    fake.put(SERVICES, { metadata: { name: 'kubernetes', namespace: 'default' }, spec: { clusterIP: '10.43.0.1' } });
    putDns(fake);
    putDnsPod(fake);
    putEndpoints(fake, ['10.99.0.2']);
  });
  const client = clientOf(server);
  const settings = () => SETTINGS;
  const cluster = startCluster({
    client,
    settings,
    clock: hurriedClock(20),
    logger: new TestLogger(),
  });
  onEnd(() => cluster.stop());
  await cluster.synced(soon());
  await eventually(() => server.watching === 7);
  return { cluster, server };
}

/** What a listener was told, and the way to stop it. */
function told<T>(listen: (listener: (what: T) => void) => () => void): {
  readonly list: T[];
  readonly end: () => void;
} {
  const list: T[] = [];
  return { list, end: listen((what) => void list.push(what)) };
}

test('namespaces are all that there are', async () => {
  const { cluster, server } = await startSynced();
  const names = () => [...cluster.namespaces()].map(({ name }) => name).sort();
  expect(names()).toEqual(['bank', 'kube-system', 'shop']);
  server.remove(NAMESPACES, '', 'bank');
  server.put(NAMESPACES, { metadata: { name: 'new' } });
  await eventually(() => names().join() === 'kube-system,new,shop', names);
});

describe('onNamespaceEvent', () => {
  test.each<[string, (server: FakeApiServer) => void]>([
    ['a namespace comes', (server) => server.put(NAMESPACES, { metadata: { name: 'new' } })],
    ['a namespace goes', (server) => server.remove(NAMESPACES, '', 'new')],
    ['its labels change', (server) => server.put(NAMESPACES, { metadata: { name: 'new', labels: { team: 'b' } } })],
    [
      'it begins to terminate',
      (server) => server.put(NAMESPACES, { metadata: { name: 'new' }, status: { phase: 'Terminating' } }),
    ],
    ['a policy comes', (server) => server.put(POLICIES, policy('new', 'other'))],
    ['a policy changes in any way', (server) => server.put(POLICIES, policy('new', 'deny', { a: 'b' }))],
    ['a policy goes', (server) => server.remove(POLICIES, 'new', 'deny')],
    ['a policy cannot be read', (server) => server.put(POLICIES, { ...policy('new', 'deny'), spec: { egress: 'x' } })],
  ])('tells that %s', async (what, change) => {
    const { cluster, server } = await startSynced();
    if (what !== 'a namespace comes') server.put(NAMESPACES, { metadata: { name: 'new' } });
    server.put(POLICIES, policy('new', 'deny'));
    await eventually(() => cluster.snapshot().policies('new').size === 1);
    await eventually(() => what === 'a namespace comes' || cluster.snapshot().namespace('new') !== undefined);
    const { list } = told<string>((listener) => cluster.onNamespaceEvent(listener));
    change(server);
    await eventually(() => list.length > 0);
    expect(list).toEqual(['new']);
  });

  test('tells when the caches have it, and is silent about what they do not keep', async () => {
    const { cluster, server } = await startSynced();
    const seen: unknown[] = [];
    cluster.onNamespaceEvent((name) => seen.push([name, cluster.snapshot().namespace(name)?.labels.get('team')]));
    const annotations = { changed: 'often' };
    server.put(NAMESPACES, { metadata: { name: 'shop', labels: { team: 'a' }, ...{ annotations } } });
    server.put(NAMESPACES, { metadata: { name: 'shop', labels: { team: 'b' } } });
    await eventually(() => seen.length > 0);
    expect(seen).toEqual([['shop', 'b']]);
  });

  test('tells also what was missed while nobody watched, and nothing any more once it is ended', async () => {
    const { cluster, server } = await startSynced();
    const first = told<string>((listener) => cluster.onNamespaceEvent(listener));
    const second = told<string>((listener) => cluster.onNamespaceEvent(listener));
    await server.stop();
    server.put(POLICIES, policy('bank', 'deny'));
    server.remove(NAMESPACES, '', 'shop');
    server.compact();
    await server.start();
    await eventually(
      () => new Set(first.list).size === 2,
      () => first.list,
    );
    expect(new Set(second.list)).toEqual(new Set(['bank', 'shop']));
    const before = first.list.length;
    first.end();
    server.put(POLICIES, policy('bank', 'other'));
    await eventually(() => second.list.length > before);
    expect(first.list).toHaveLength(before);
  });
});

describe('onNamespaceChanged', () => {
  test('ends with a change of the Namespace or of a policy in it, whichever comes first', async () => {
    const { cluster, server } = await startSynced();
    const changes: ((server: FakeApiServer) => void)[] = [
      () => server.put(NAMESPACES, { metadata: { name: 'shop' } }),
      () => server.put(POLICIES, policy('shop', 'deny')),
      () => server.remove(NAMESPACES, '', 'shop'),
    ];
    for (const change of changes) {
      const changed = cluster.onNamespaceChanged('shop', soon());
      change(server);
      await changed;
    }
    let ended = false;
    void cluster.onNamespaceChanged('bank', soon()).then(() => (ended = true));
    server.put(POLICIES, policy('kube-system', 'deny'));
    await cluster.onNamespaceChanged('kube-system', soon());
    expect(ended).toBe(false);
  });

  test('ends when the signal fires', async () => {
    const { cluster } = await startSynced();
    await expect(cluster.onNamespaceChanged('shop', AbortSignal.abort())).resolves.toBeUndefined();
    await expect(cluster.onNamespaceChanged('shop', AbortSignal.timeout(10))).resolves.toBeUndefined();
  });
});

describe('facts about DNS and Services', () => {
  test('are others once they say something else, and only those that do', async () => {
    const { cluster, server } = await startSynced();
    await eventually(() => cluster.snapshot().services.apiServerEndpoints.length === 1);
    const before = cluster.snapshot();

    putDns(server, 5353);
    await eventually(() => cluster.snapshot().dns !== before.dns);
    expect(cluster.snapshot().services).toBe(before.services);

    const { dns } = cluster.snapshot();
    putEndpoints(server, ['10.99.0.2', '10.99.0.3']);
    await eventually(() => cluster.snapshot().services !== before.services);
    expect(cluster.snapshot().services.apiServerEndpoints).toEqual(['10.99.0.2:6443', '10.99.0.3:6443']);
    expect(cluster.snapshot().dns).toBe(dns);

    server.remove(SERVICES, 'kube-system', 'kube-dns');
    await eventually(() => !cluster.snapshot().dns.isKnown);
  });

  test('stay the same through changes that are none', async () => {
    const { cluster, server } = await startSynced();
    await eventually(() => cluster.snapshot().services.apiServerEndpoints.length === 1);
    const { dns, services } = cluster.snapshot();
    putDns(server, 53, { changed: 'often' });
    putEndpoints(server, ['10.99.0.2'], { changed: 'often' });
    server.put(NAMESPACES, { metadata: { name: 'bank' } });
    await eventually(() => cluster.snapshot().namespace('bank') !== undefined);
    expect(cluster.snapshot().services).toBe(services);

    putEndpoints(server, ['10.99.0.9']);
    await eventually(() => cluster.snapshot().services !== services);
    expect(cluster.snapshot().dns).toBe(dns);
  });
});
