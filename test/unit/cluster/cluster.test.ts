import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { type Cluster, startCluster } from '../../../src/cluster/cluster.ts';
import type { Settings } from '../../../src/policy/model/settings.ts';
import { systemClock } from '../../../src/runtime/system-clock.ts';
import { hurriedClock } from '../../harness/clocks.ts';
import { SETTINGS } from '../policy/fixtures.ts';
import { type FakeApiServer, sendStatus } from './fake-api-server.ts';
import { clientOf, eventually, onEnd, startServer, TestLogger } from './world.ts';

const POLICIES = '/apis/networking.k8s.io/v1/networkpolicies';
const NAMESPACES = '/api/v1/namespaces';
const SERVICES = '/api/v1/services';
const SLICES = '/apis/discovery.k8s.io/v1/endpointslices';
const PODS = '/api/v1/pods';
const CILIUM = '/apis/cilium.io/v2/ciliumnetworkpolicies';

const DENY = { podSelector: {}, policyTypes: ['Egress'] };

function policy(namespace: string, name: string, spec: object = DENY) {
  return { metadata: { name, namespace }, spec };
}

function putDns(
  server: FakeApiServer,
  selector: object | null = { 'k8s-app': 'kube-dns' },
  namespace = 'kube-system',
): void {
  const ports = ['UDP', 'TCP'].map((protocol) => ({ name: protocol.toLowerCase(), port: 53, protocol }));
  const metadata = { name: 'kube-dns', namespace };
  server.put(SERVICES, { metadata, spec: { clusterIP: '10.43.0.10', selector, ports } });
}

/** A pod that those selectors select, with its address and the port that it listens on. */
function putDnsPod(server: FakeApiServer, labels: Record<string, string> = { 'k8s-app': 'kube-dns' }): void {
  const ports = ['UDP', 'TCP'].map((protocol) => ({ name: protocol.toLowerCase(), containerPort: 53, protocol }));
  server.put(PODS, {
    metadata: { name: 'coredns-0', namespace: 'kube-system', labels },
    spec: { containers: [{ ports }] },
    status: { podIPs: [{ ip: '10.42.0.3' }] },
  });
}

function putDnsSlice(server: FakeApiServer, namespace = 'kube-system'): void {
  server.put(SLICES, {
    metadata: { name: 's', namespace, labels: { 'kubernetes.io/service-name': 'kube-dns' } },
    endpoints: [{ addresses: ['10.42.0.3'] }],
    ports: ['UDP', 'TCP'].map((protocol) => ({ name: protocol.toLowerCase(), protocol, port: 53 })),
  });
}

interface Started {
  readonly cluster: Cluster;
  readonly server: FakeApiServer;
  readonly logger: TestLogger;
  settings: Settings;
}

async function start(configure: (server: FakeApiServer) => void = () => undefined): Promise<Started> {
  const server = await startServer((fake) => {
    fake.put(NAMESPACES, {
      metadata: { name: 'kube-system', labels: { 'kubernetes.io/metadata.name': 'kube-system' } },
    });
    fake.put(NAMESPACES, { metadata: { name: 'shop', labels: { team: 'a' } } });
    fake.put(SERVICES, { metadata: { name: 'kubernetes', namespace: 'default' }, spec: { clusterIP: '10.43.0.1' } });
    configure(fake);
  });
  const logger = new TestLogger();
  const started = { server, logger, settings: SETTINGS };
  const cluster = startCluster({
    client: clientOf(server),
    settings: () => started.settings,
    clock: hurriedClock(20),
    logger,
  });
  onEnd(() => cluster.stop());
  return Object.assign(started, { cluster });
}

async function startSynced(configure?: (server: FakeApiServer) => void): Promise<Started> {
  const started = await start(configure);
  await started.cluster.synced(AbortSignal.timeout(5000));
  return started;
}

const soon = () => AbortSignal.timeout(3000);

describe('the snapshot', () => {
  test('has policies and namespaces, compiled one by one as they come and go', async () => {
    const { cluster, server } = await startSynced((fake) => fake.put(POLICIES, policy('shop', 'deny')));
    expect(cluster.snapshot().policies('shop').get('deny')?.isolatesEgress).toBe(true);
    expect([...cluster.snapshot().namespacesWithPolicies()]).toEqual(['shop']);
    expect(cluster.snapshot().namespace('shop')).toMatchObject({ terminating: false, labelsKnown: true });
    expect(cluster.snapshot().namespace('bank')).toBeUndefined();

    const collection = cluster.snapshot().policies('shop');
    const untouched = collection.get('deny');
    server.put(POLICIES, policy('shop', 'other', { podSelector: {}, policyTypes: ['Ingress'] }));
    await eventually(() => cluster.snapshot().policies('shop').size === 2);
    expect(cluster.snapshot().policies('shop')).toBe(collection);
    expect(collection.get('deny')).toBe(untouched);

    server.remove(POLICIES, 'shop', 'deny');
    server.remove(POLICIES, 'shop', 'other');
    await eventually(() => cluster.snapshot().policies('shop').size === 0);
    expect([...cluster.snapshot().namespacesWithPolicies()]).toEqual([]);
  });

  test('makes no request', async () => {
    const { cluster, server } = await startSynced(putDns);
    await eventually(() => server.watching === 7);
    const before = server.requests.length;
    for (let i = 0; i < 100; i += 1) {
      const snapshot = cluster.snapshot();
      snapshot.namespace('shop');
      snapshot.policies('shop');
      snapshot.otherPolicies('shop');
    }
    await wait(50);
    expect(askedSince(server, before)).toEqual([]);
  });

  test.each([
    ['deletionTimestamp', { deletionTimestamp: '2026-01-01T00:00:00Z' }, {}],
    ['phase', {}, { phase: 'Terminating' }],
  ])('sees by %s that a namespace is terminating', async (_, metadata, status) => {
    const { cluster } = await startSynced((fake) =>
      fake.put(NAMESPACES, { metadata: { name: 'old', ...metadata }, status }),
    );
    expect(cluster.snapshot().namespace('old')?.terminating).toBe(true);
  });

  test('never passes over a policy that it cannot read', async () => {
    const unreadable = ['odd'];
    const { cluster, server, logger } = await startSynced((fake) => {
      fake.put(POLICIES, policy('shop', 'odd', { egress: 'all' }));
      fake.put(POLICIES, policy('bank', 'fine'));
    });
    expect(cluster.snapshot().unreadablePolicies('shop')).toEqual(unreadable);
    expect(cluster.snapshot().unreadablePolicies('bank')).toEqual([]);
    expect((await cluster.confirm('shop', soon())).unreadablePolicies('shop')).toEqual(unreadable);
    expect(logger.messages()).toContain('cannot read network policy; verdicts in its namespace are uncertain');
    server.put(POLICIES, policy('shop', 'odd'));
    await eventually(() => cluster.snapshot().unreadablePolicies('shop').length === 0);
    expect(cluster.snapshot().policies('shop').size).toBe(1);
    server.put(POLICIES, policy('shop', 'odd', { egress: 'all' }));
    await eventually(() => cluster.snapshot().unreadablePolicies('shop').length === 1);
    expect(cluster.snapshot().policies('shop').size).toBe(0);
  });
});

describe('discovery', () => {
  test('watches slices and pods of the DNS Services found, and no others', async () => {
    const { cluster, server } = await startSynced((fake) => {
      putDns(fake);
      putDnsPod(fake);
      fake.put(SERVICES, {
        metadata: { name: 'web', namespace: 'shop' },
        spec: { clusterIP: '10.43.9.9', selector: { app: 'web' } },
      });
    });
    const watched = () =>
      server.requests
        .filter((line) => line.includes('watch=true'))
        .map(
          (line) =>
            `${line.split(' ')[1]?.split('?')[0]} ${new URL(line.split(' ')[1] ?? '', server.url).searchParams.get('labelSelector')}`,
        )
        .sort();
    await eventually(() => server.watching === 7);
    expect(watched()).toEqual([
      '/api/v1/namespaces null',
      '/api/v1/namespaces/kube-system/pods k8s-app=kube-dns',
      '/api/v1/namespaces/kube-system/pods k8s-app=node-local-dns',
      '/api/v1/services null',
      '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices kubernetes.io/service-name=kubernetes',
      '/apis/discovery.k8s.io/v1/namespaces/kube-system/endpointslices kubernetes.io/service-name=kube-dns',
      '/apis/networking.k8s.io/v1/networkpolicies null',
    ]);
    expect(cluster.discoveredDns().map((found) => found.name)).toEqual(['kube-system/kube-dns']);
    server.remove(SERVICES, 'kube-system', 'kube-dns');
    await eventually(() => server.watching === 5);
    expect(cluster.discoveredDns()).toEqual([]);
  });

  test('follows a selector that changes, and forgets the pods of the old one', async () => {
    const { cluster, server } = await startSynced((fake) => {
      putDns(fake);
      for (const app of ['kube-dns', 'coredns']) {
        fake.put(PODS, { metadata: { name: app, namespace: 'kube-system', labels: { 'k8s-app': app } } });
      }
    });
    const live = () =>
      cluster.discoveredDns().flatMap((found) => (found.kind === 'pods' ? (found.livePods ?? []) : []));
    await eventually(() => live().length === 1);
    expect(live()[0]?.get('k8s-app')).toBe('kube-dns');
    putDns(server, { 'k8s-app': 'coredns' });
    await eventually(() => live()[0]?.get('k8s-app') === 'coredns');
    expect(live()).toHaveLength(1);
  });

  test('keeps the DnsFacts object until something in it changes', async () => {
    const started = await startSynced((fake) => {
      putDns(fake);
      putDnsSlice(fake);
    });
    const { cluster, server } = started;
    await eventually(() => server.watching === 7);
    const { dns } = cluster.snapshot();
    expect(dns).toMatchObject({ discovered: true, worlds: [{ name: 'discovered' }] });
    expect(dns.namespaces.get('kube-system')).toBeDefined();

    putDns(server);
    server.put(POLICIES, policy('shop', 'deny'));
    server.put(NAMESPACES, {
      metadata: { name: 'kube-system', labels: { 'kubernetes.io/metadata.name': 'kube-system' } },
    });
    await eventually(() => cluster.snapshot().policies('shop').size === 1);
    await wait(30);
    expect(cluster.snapshot().dns).toBe(dns);

    server.put(NAMESPACES, { metadata: { name: 'kube-system', labels: { role: 'dns' } } });
    await eventually(() => cluster.snapshot().dns !== dns);
    expect(cluster.snapshot().dns.namespaces.get('kube-system')?.labels.get('role')).toBe('dns');

    const relabelled = cluster.snapshot().dns;
    started.settings = { ...SETTINGS };
    expect(cluster.snapshot().dns).not.toBe(relabelled);
  });

  test('tells the Service range, and where the API server really listens', async () => {
    const { cluster } = await startSynced((fake) =>
      fake.put(SLICES, {
        metadata: { name: 'kubernetes', namespace: 'default', labels: { 'kubernetes.io/service-name': 'kubernetes' } },
        endpoints: [{ addresses: ['10.99.0.2', '10.99.0.3'] }],
        ports: [{ name: 'https', protocol: 'TCP', port: 6443 }],
      }),
    );
    const { services } = cluster.snapshot();
    expect(services.apiServerEndpoints).toEqual(['10.99.0.2:6443', '10.99.0.3:6443']);
    expect(services.ranges.v4.bounds).toEqual([10 * 2 ** 24 + 43 * 2 ** 16, 10 * 2 ** 24 + 44 * 2 ** 16]);
    expect(cluster.snapshot().services).toBe(services);
  });

  test('takes no range for the Services that the API server itself has an address in', async () => {
    const { cluster, server } = await startSynced();
    const width = () => cluster.snapshot().services.ranges.v4.bounds.reduce((start, end) => end - start);
    expect(width()).toBe(2 ** 16);
    server.put(SLICES, {
      metadata: { name: 'kubernetes', namespace: 'default', labels: { 'kubernetes.io/service-name': 'kubernetes' } },
      endpoints: [{ addresses: ['10.43.200.2'] }],
      ports: [{ name: 'https', protocol: 'TCP', port: 6443 }],
    });
    await eventually(() => width() === 2 ** 8);
  });

  test('finds the resolver on the nodes', async () => {
    const { cluster } = await startSynced((fake) =>
      fake.put(PODS, {
        metadata: { name: 'cache', namespace: 'kube-system', labels: { 'k8s-app': 'node-local-dns' } },
        spec: { hostNetwork: true, containers: [{ args: ['-localip', '169.254.20.10'] }] },
      }),
    );
    expect(cluster.discoveredDns()).toMatchObject([{ kind: 'addresses', blocks: ['169.254.20.10/32'] }]);
  });

  test('finds the cache that runs in pods of its own', async () => {
    const { cluster } = await startSynced((fake) =>
      fake.put(PODS, {
        metadata: { name: 'cache', namespace: 'kube-system', labels: { 'k8s-app': 'node-local-dns' } },
      }),
    );
    expect(cluster.discoveredDns()).toMatchObject([{ kind: 'pods', name: 'kube-system/node-local-dns' }]);
    expect(cluster.snapshot().dns.worlds).toMatchObject([{ servers: [{ name: 'kube-system/node-local-dns' }] }]);
  });

  test('finds the cache also where the DNS Service leads to it', async () => {
    const { cluster } = await startSynced((fake) => {
      putDns(fake, { 'k8s-app': 'node-local-dns' });
      putDnsPod(fake, { 'k8s-app': 'node-local-dns' });
    });
    const names = cluster.discoveredDns().map(({ name }) => name);
    expect(names).toEqual(['kube-system/kube-dns', 'kube-system/node-local-dns']);
  });

  test('takes no endpoints for those of the API server but its own', async () => {
    const { cluster, server } = await startSynced();
    const slice = (name: string, address: string) => ({
      metadata: { name, namespace: 'default', labels: { 'kubernetes.io/service-name': 'kubernetes' } },
      endpoints: [{ addresses: [address] }],
      ports: [{ name: 'https', protocol: 'TCP', port: 443 }],
    });
    server.put(SLICES, slice('kubernetes-x', '203.0.113.7'));
    server.put(SLICES, slice('kubernetes', '10.99.0.2'));
    await eventually(() => cluster.snapshot().services.apiServerEndpoints.length > 0);
    expect(cluster.snapshot().services.apiServerEndpoints).toEqual(['10.99.0.2:443']);
  });

  test('a missing right to see pods is warned of, and holds nothing up', async () => {
    const { cluster, logger } = await startSynced((fake) => {
      putDns(fake);
      putDnsSlice(fake);
      fake.faults = [
        (_request, response, url) => {
          if (!url.pathname.endsWith('/pods')) return false;
          sendStatus(response, 403, 'Forbidden', 'pods is forbidden');
          return true;
        },
      ];
    });
    expect(cluster.discoveredDns()).toHaveLength(1);
    await wait(100);
    expect(logger.messages()).toEqual(
      Array(2).fill('not permitted to list or watch; retrying without further log lines'),
    );
  });
});

describe('a DNS Service', () => {
  const names = ({ cluster }: Started) => cluster.discoveredDns().map(({ name }) => name);

  test('without pods and endpoints is no resolver, until the first one comes', async () => {
    const started = await startSynced((fake) => putDns(fake));
    expect(names(started)).toEqual([]);
    expect(started.cluster.snapshot().dns.isKnown).toBe(false);
    expect(started.cluster.idleDnsServices()).toEqual(['kube-system/kube-dns']);
    putDnsPod(started.server);
    await eventually(() => started.cluster.snapshot().dns.isKnown);
    expect(names(started)).toEqual(['kube-system/kube-dns']);
    expect(started.cluster.idleDnsServices()).toEqual([]);
  });

  test('without pods and endpoints leaves the resolver to the nodes, by all its addresses', async () => {
    const started = await startSynced((fake) => {
      putDns(fake);
      fake.put(PODS, {
        metadata: { name: 'cache', namespace: 'kube-system', labels: { 'k8s-app': 'node-local-dns' } },
        spec: { hostNetwork: true, containers: [{ args: ['-localip', '169.254.20.10,10.43.0.10,10.0.0.53'] }] },
      });
    });
    expect(started.cluster.discoveredDns()).toMatchObject([{ blocks: ['10.43.0.10/32', '169.254.20.10/32'] }]);
    expect(started.cluster.snapshot().dns).toMatchObject({ isKnown: true, worlds: [{ name: 'discovered' }] });
    expect(started.cluster.idleDnsServices()).toEqual(['kube-system/kube-dns']);
  });

  test('stays one, as it was, when all its pods and endpoints are gone', async () => {
    const started = await startSynced((fake) => {
      putDns(fake);
      putDnsPod(fake);
      putDnsSlice(fake);
    });
    const { cluster, server } = started;
    const before = cluster.discoveredDns();
    server.remove(PODS, 'kube-system', 'coredns-0');
    server.remove(SLICES, 'kube-system', 's');
    // Answers that come after the news of both.
    for (let i = 0; i < 3; i += 1) await cluster.confirm('shop', soon());
    expect(cluster.discoveredDns()).toBe(before);
    expect(cluster.snapshot().dns.isKnown).toBe(true);
  });

  test('is one as soon as it is known that it was one before', async () => {
    let isDown = true;
    const resolvers = JSON.stringify({
      'kube-system/kube-dns': { selector: { 'k8s-app': 'kube-dns' }, ports: { udp: [53], tcp: [53] } },
    });
    const server = await startServer((fake) => {
      putDns(fake);
      fake.put('/api/v1/configmaps', { metadata: { name: 'guard', namespace: 'security' }, data: { resolvers } });
      fake.faults.push((_request, _response, url) => isDown && url.pathname.endsWith('/configmaps/guard'));
    });
    const given = { client: clientOf(server), settings: () => SETTINGS, clock: systemClock, logger: new TestLogger() };
    const cluster = startCluster({ ...given, record: { namespace: 'security', name: 'guard' } });
    onEnd(() => cluster.stop());
    const missing = () => cluster.caches().flatMap(({ name, synced }) => (synced ? [] : name));
    await eventually(() => missing().join() === 'resolvers');
    expect(cluster.snapshot().dns.isKnown).toBe(false);
    isDown = false;
    server.resetAll();
    await cluster.synced(AbortSignal.timeout(10_000));
    expect(cluster.snapshot().dns.isKnown).toBe(true);
    expect(cluster.discoveredDns()).toMatchObject([{ kind: 'pods', name: 'kube-system/kube-dns' }]);
  });

  test('without a selector counts by its endpoints', async () => {
    const started = await startSynced((fake) => putDns(fake, null));
    expect(names(started)).toEqual([]);
    putDnsSlice(started.server);
    await eventually(() => names(started).length === 1);
    expect(started.cluster.discoveredDns()).toMatchObject([{ blocks: ['10.42.0.3/32', '10.43.0.10/32'] }]);
  });

  test('elsewhere than in the namespaces that the operator names is none, with all that belongs to one', async () => {
    const started = await startSynced((fake) => {
      putDns(fake, { app: 'relay' }, 'openshift-dns');
      putDnsSlice(fake, 'openshift-dns');
      fake.put(PODS, { metadata: { name: 'relay', namespace: 'openshift-dns', labels: { app: 'relay' } } });
    });
    expect(names(started)).toEqual([]);
    expect(started.server.requests.join()).not.toContain('openshift-dns');
  });

  test('is looked for where the configuration says now, and the old ones count until that is known', async () => {
    const started = await startSynced((fake) => {
      putDns(fake);
      putDnsSlice(fake);
      putDns(fake, { app: 'dns' }, 'openshift-dns');
      putDnsSlice(fake, 'openshift-dns');
    });
    expect(names(started)).toEqual(['kube-system/kube-dns']);
    let isHeld = true;
    started.server.faults.push(
      (_request, _response, url) => isHeld && url.pathname.includes('/namespaces/openshift-dns/'),
    );
    started.settings = { ...SETTINGS, dns: { ...SETTINGS.dns, namespaces: ['openshift-dns'] } };
    await eventually(() => {
      expect(names(started)).toEqual(['kube-system/kube-dns']);
      return started.server.requests.some((line) => line.includes('/namespaces/openshift-dns/endpointslices'));
    });
    expect(started.cluster.caches().every(({ synced }) => synced)).toBe(true);
    isHeld = false;
    started.server.resetAll();
    await eventually(() => names(started).join() === 'openshift-dns/kube-dns');

    started.settings = { ...SETTINGS, dns: { ...SETTINGS.dns, namespaces: ['openshift-dns', 'kube-system'] } };
    await eventually(() => names(started).length === 2);
    started.settings = SETTINGS;
    await eventually(() => names(started).join() === 'kube-system/kube-dns');
  });
});

describe('readiness', () => {
  test('waits for each collection, and says which', async () => {
    const { cluster, server } = await start((fake) => {
      fake.faults = [(_request, _response, url) => url.pathname === NAMESPACES];
    });
    await eventually(() => server.watching === 4);
    expect(
      cluster
        .caches()
        .filter((cache) => !cache.synced)
        .map((cache) => cache.name),
    ).toEqual(['namespaces']);
    await expect(cluster.synced(AbortSignal.timeout(50))).rejects.toThrow();
    server.faults = [];
    server.resetAll();
    await cluster.synced(soon());
  });

  test('is not lost when a DNS Service comes whose pods cannot be listed yet', async () => {
    const { cluster, server } = await startSynced((fake) => {
      fake.faults = [(_request, _response, url) => url.search.includes('k8s-app%3Dkube-dns')];
    });
    putDns(server);
    putDnsSlice(server);
    await eventually(() => cluster.discoveredDns().length === 1);
    await eventually(() => server.requests.some((line) => line.includes('k8s-app%3Dkube-dns')));
    expect(cluster.caches().filter((cache) => !cache.synced)).toEqual([]);
  });

  test('needs the right to see policies and namespaces', async () => {
    const { cluster, logger, server } = await start((fake) => {
      fake.faults = [
        (_request, response, url) => {
          if (url.pathname !== POLICIES) return false;
          sendStatus(response, 403, 'Forbidden', 'networkpolicies is forbidden');
          return true;
        },
      ];
    });
    await eventually(
      () => logger.lines.length === 1 && server.requests.filter((line) => line.includes(POLICIES)).length > 2,
    );
    expect(
      cluster
        .caches()
        .filter((cache) => !cache.synced)
        .map((cache) => cache.name),
    ).toEqual(['networkpolicies']);
  });
});

describe('confirm', () => {
  test('sees what the caches have not seen yet', async () => {
    const { cluster, server } = await startSynced((fake) => fake.put(POLICIES, policy('shop', 'deny')));
    server.lagging = true;
    server.put(NAMESPACES, { metadata: { name: 'shop', labels: { team: 'b' } } });
    server.put(POLICIES, policy('shop', 'deny', { podSelector: {}, policyTypes: ['Ingress'] }));
    server.put(POLICIES, policy('shop', 'allow'));
    const snapshot = await cluster.confirm('shop', soon());
    expect(snapshot.policies('shop').get('deny')?.isolatesEgress).toBe(false);
    expect(cluster.snapshot().policies('shop').get('deny')?.isolatesEgress).toBe(true);
    expect(cluster.snapshot().policies('shop').size).toBe(1);
    expect([...snapshot.policies('shop').all()].map((found) => found.ref.name)).toEqual(['deny', 'allow']);
    expect(snapshot.namespace('shop')?.labels.get('team')).toBe('b');
    expect(snapshot.namespace('kube-system')).toBe(cluster.snapshot().namespace('kube-system'));
    expect([...snapshot.namespacesWithPolicies()]).toEqual(['shop']);
  });

  test('costs a GET, a LIST of metadata and a look at the APIs, and reads consistently', async () => {
    const { cluster, server } = await startSynced((fake) => {
      for (let i = 0; i < 200; i += 1) fake.put(POLICIES, policy('shop', `policy-${i}`));
    });
    const accepts: string[] = [];
    server.faults.push((request, _response, url) => {
      if (url.pathname.endsWith('/networkpolicies')) accepts.push(request.headers.accept ?? '');
      return false;
    });
    const before = server.requests.length;
    await cluster.confirm('shop', soon());
    expect(askedSince(server, before).sort()).toEqual([
      'GET /api/v1/namespaces/shop',
      'GET /apis',
      'GET /apis/networking.k8s.io/v1/namespaces/shop/networkpolicies?limit=500',
    ]);
    expect(accepts).toEqual(['application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1']);
  });

  test('does not ask which APIs there are where the settings ignore them', async () => {
    const started = await startSynced();
    started.settings = { ...SETTINGS, dns: { ...SETTINGS.dns, otherPolicies: 'ignore' } };
    const before = started.server.requests.length;
    await started.cluster.confirm('shop', soon());
    expect(askedSince(started.server, before)).toHaveLength(2);
  });

  test('compiles nothing again that the cache has', async () => {
    const { cluster, server } = await startSynced((fake) => {
      for (let i = 0; i < 700; i += 1) fake.put(POLICIES, policy('shop', `policy-${i}`));
    });
    const cached = cluster.snapshot().policies('shop');
    expect((await cluster.confirm('shop', soon())).policies('shop')).toBe(cached);
    server.put(POLICIES, policy('shop', 'policy-700'));
    const confirmed = (await cluster.confirm('shop', soon())).policies('shop');
    expect(confirmed.size).toBe(701);
    expect(confirmed.get('policy-5')).toBe(cached.get('policy-5'));
  });

  test('is shared by those who ask at once: one read is under way, and one more waits', async () => {
    const { cluster, server } = await startSynced();
    const before = server.requests.length;
    await Promise.all(Array.from({ length: 100 }, () => cluster.confirm('shop', soon())));
    expect(askedSince(server, before)).toHaveLength(6);
  });

  test('a namespace that is not there is an answer', async () => {
    const { cluster } = await startSynced();
    const snapshot = await cluster.confirm('nowhere', soon());
    expect(snapshot.namespace('nowhere')).toBeUndefined();
    expect(snapshot.policies('nowhere').size).toBe(0);
  });

  test('a server that is gone, or silent, is an error in time', async () => {
    const { cluster, server, logger } = await startSynced();
    server.faults = [() => true];
    const before = server.requests.length;
    const deadline = new AbortController();
    const confirmed = cluster.confirm('shop', deadline.signal);
    void eventually(() => server.requests.length > before).then(() => deadline.abort(new Error('out of time')));
    await expect(confirmed).rejects.toThrow('out of time');
    expect(logger.messages()).not.toContain('live read of a namespace failed');
    server.faults = [];
    await cluster.confirm('shop', soon());
    await server.stop();
    await expect(cluster.confirm('bank', soon())).rejects.toThrow();
    expect(logger.lines).toContainEqual({
      level: 'warn',
      fields: { namespace: 'bank', err: expect.any(Error) },
      message: 'live read of a namespace failed',
    });
  });
});

describe('onPoliciesChanged', () => {
  test('ends when a policy of the namespace changes, and only then', async () => {
    const { cluster, server } = await startSynced();
    await eventually(() => server.watching === 5);
    const ended: string[] = [];
    const listen = (name: string) => cluster.onPoliciesChanged(name, soon()).then(() => ended.push(name));
    const listening = [listen('shop'), listen('shop')];
    void listen('bank');
    server.put(POLICIES, policy('shop', 'deny'));
    await Promise.all(listening);
    expect(ended).toEqual(['shop', 'shop']);
    const gone = listen('shop');
    server.remove(POLICIES, 'shop', 'deny');
    await gone;
    expect(ended).not.toContain('bank');
  });

  test('ends when the signal fires', async () => {
    const { cluster } = await startSynced();
    await expect(cluster.onPoliciesChanged('shop', AbortSignal.timeout(20))).resolves.toBeUndefined();
    await expect(cluster.onPoliciesChanged('shop', AbortSignal.abort())).resolves.toBeUndefined();
  });
});

/** Watches begin by themselves, a moment after their lists. */
function askedSince({ requests }: FakeApiServer, before: number): string[] {
  return requests.slice(before).filter((request) => !request.includes('watch=true'));
}

describe('other policy APIs', () => {
  const serveCilium = (fake: FakeApiServer) => {
    fake.served = [
      { group: 'cilium.io', version: 'v2', plural: 'ciliumnetworkpolicies', scope: 'Namespaced' },
      { group: 'policy.networking.k8s.io', version: 'v1alpha1', plural: 'adminnetworkpolicies', scope: 'Cluster' },
      { group: 'projectcalico.org', version: 'v3', plural: 'networkpolicies', scope: 'Namespaced' },
      { group: 'networking.k8s.aws', version: 'v1alpha1', plural: 'policyendpoints', scope: 'Namespaced' },
    ];
  };

  test('reach their namespace, or all of them', async () => {
    const { cluster, server } = await startSynced((fake) => {
      serveCilium(fake);
      fake.put(CILIUM, { metadata: { name: 'x', namespace: 'shop' } });
    });
    expect(cluster.snapshot().otherPolicies('shop')).toEqual(['ciliumnetworkpolicies.cilium.io']);
    expect(cluster.snapshot().otherPolicies('bank')).toEqual([]);
    server.put('/apis/policy.networking.k8s.io/v1alpha1/adminnetworkpolicies', { metadata: { name: 'y' } });
    await eventually(() => cluster.snapshot().otherPolicies('bank').length === 1);
    expect(cluster.snapshot().otherPolicies('bank')).toEqual(['adminnetworkpolicies.policy.networking.k8s.io']);
    server.remove(CILIUM, 'shop', 'x');
    await eventually(() => cluster.snapshot().otherPolicies('shop').length === 1);
  });

  test("do not count where they mirror the cluster's own policies", async () => {
    const calico = '/apis/projectcalico.org/v3/networkpolicies';
    const { cluster } = await startSynced((fake) => {
      serveCilium(fake);
      fake.put(calico, { metadata: { name: 'knp.default.deny', namespace: 'shop' } });
      fake.put(calico, { metadata: { name: 'default.deny', namespace: 'bank' } });
    });
    expect(cluster.snapshot().otherPolicies('shop')).toEqual([]);
    expect(cluster.snapshot().otherPolicies('bank')).toEqual(['networkpolicies.projectcalico.org']);
  });

  test.each([
    ['hidden from us', 403, 'Forbidden'],
    ['their API server is away', 503, 'ServiceUnavailable'],
  ])('may exist anywhere where they are served but %s', async (_, code, reason) => {
    const { cluster, server } = await startSynced((fake) => {
      serveCilium(fake);
      fake.faults = [
        (_request, response, url) => {
          if (url.pathname !== CILIUM) return false;
          sendStatus(response, code, reason, 'no');
          return true;
        },
      ];
    });
    const confirmed = await cluster.confirm('anywhere', soon());
    for (const snapshot of [cluster.snapshot(), confirmed]) {
      expect(snapshot.otherPolicies('anywhere')).toEqual(['ciliumnetworkpolicies.cilium.io']);
    }
    server.faults = [];
    await eventually(() => cluster.snapshot().otherPolicies('anywhere').length === 0);
  });

  test('are asked for before a refusal, so that a new API counts at once', async () => {
    const { cluster, server } = await startSynced();
    serveCilium(server);
    server.put(CILIUM, { metadata: { name: 'x', namespace: 'shop' } });
    expect(cluster.snapshot().otherPolicies('shop')).toEqual([]);
    const confirmed = await cluster.confirm('shop', soon());
    expect(confirmed.otherPolicies('shop')).toEqual(['ciliumnetworkpolicies.cilium.io']);
    server.served = [];
    expect((await cluster.confirm('shop', soon())).otherPolicies('shop')).toEqual([]);
  });

  test('are listed by metadata alone', async () => {
    const accepts: (string | undefined)[] = [];
    await startSynced((fake) => {
      serveCilium(fake);
      fake.faults = [
        (request, _response, url) => {
          if (url.pathname === CILIUM) accepts.push(request.headers.accept);
          return false;
        },
      ];
    });
    await eventually(() => accepts.length === 2);
    expect(accepts).toEqual([
      'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
      'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
    ]);
  });
});

test('after stop nothing is asked any more', async () => {
  const { cluster, server } = await startSynced(putDns);
  await cluster.stop();
  await eventually(() => server.watching === 0);
  const before = server.requests.length;
  await wait(200);
  expect(askedSince(server, before)).toEqual([]);
});
