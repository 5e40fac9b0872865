import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nameserversIn } from '../../../src/policy/dns/nameserver.ts';
import { ALLOW_DNS, DEFAULT_POLICIES, labelsOf, specsIn, untilSpecs, WITH_BASELINE } from '../../harness/baseline.ts';
import { ACCOUNT, podObject } from '../../harness/burst.ts';
import { RELEASE } from '../../harness/release.ts';
import { until } from '../../harness/until.ts';
import { startWorld, type World } from '../../harness/world.ts';

const STATUS = 'netpol-guard.io/baseline-status';
const SLICES = '/apis/discovery.k8s.io/v1/namespaces/kube-system/endpointslices';
const PODS = '/api/v1/namespaces/kube-system/pods';

const dnsService = (namespace: string, name: string, app: string, targetPort = 53) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace },
  spec: {
    selector: { app },
    ports: [
      { name: 'dns', port: 53, protocol: 'UDP', targetPort },
      { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort },
    ],
  },
});

/** Endpoints of such a Service. */
const slice = (service: string) => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: service, labels: { 'kubernetes.io/service-name': service } },
  addressType: 'IPv4',
  endpoints: [{ addresses: ['10.42.9.9'] }],
  ports: ['UDP', 'TCP'].map((protocol) => ({ name: protocol === 'UDP' ? 'dns' : 'dns-tcp', port: 443, protocol })),
});

/** The labels with which a namespace is stored, before the leader takes any off. */
async function born(world: World): Promise<{ readonly name: string; readonly isHeldBack: boolean }> {
  const answer = await world.api.request('POST', '/api/v1/namespaces', { metadata: { generateName: 'case-' } });
  expect(answer.status).toBe(201);
  const { metadata } = answer.body as { metadata: { name: string; labels: Readonly<Record<string, string>> } };
  return { name: metadata.name, isHeldBack: metadata.labels[STATUS] === 'pending' };
}

/** A guard that a new one replaces, as a rollout does. */
async function replaceGuard(world: World, replica: string): Promise<void> {
  await Promise.all(world.guards.map((guard) => guard.leave()));
  const { port } = await world.start(replica);
  world.balancer.route([port]);
  await world.leader();
}

const appsIn = (specs: Record<string, object>) =>
  [...JSON.stringify(specs[ALLOW_DNS] ?? {}).matchAll(/"(?:k8s-)?app":"([^"]+)"/g)].map(([, app]) => app).sort();

describe('who is cluster DNS', () => {
  let world: World;
  let shop: string;

  beforeAll(async () => {
    world = await startWorld({ config: WITH_BASELINE });
    await world.leader();
    shop = await world.namespace();
    await untilSpecs(world, shop);
  });
  afterAll(() => world.stop());

  it('is nobody who makes a namespace, a Service and pods of the usual names', async () => {
    for (const [namespace, name] of [
      ['openshift-dns', 'dns-default'],
      ['dns', 'kube-dns'],
    ] as const) {
      const service = dnsService(namespace, name, 'web', 443);
      const posing = [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }, ACCOUNT, service];
      const behind = [podObject('web'), slice(name)];
      expect(await world.apply(namespace, [...posing, ...behind])).toMatchObject({ status: 0 });
    }
    // Nothing at all stands behind it, in a namespace that counts.
    expect(await world.apply('kube-system', [dnsService('kube-system', 'coredns', 'nobody', 443)])).toMatchObject({
      status: 0,
    });
    const after = await born(world);
    await untilSpecs(world, after.name);
    expect(await specsIn(world, shop)).toEqual(DEFAULT_POLICIES);

    await replaceGuard(world, 'netpol-guard-1');
    const later = await born(world);
    await untilSpecs(world, later.name);
    expect(await specsIn(world, shop)).toEqual(DEFAULT_POLICIES);
  }, 60_000);

  it('is whoever is there in the namespaces that the operator names, as soon as the configuration says so', async () => {
    const binding = ['create', 'rolebinding', 'netpol-guard-discovery', '-n', 'openshift-dns'];
    const account = `--serviceaccount=${RELEASE.namespace}:${RELEASE.serviceAccount}`;
    const bound = await world.kubectl([...binding, '--clusterrole=netpol-guard-discovery', account]);
    expect(bound).toMatchObject({ status: 0 });
    const guard = await world.leader();

    guard.configure({ ...WITH_BASELINE, dns: { namespaces: ['kube-system', 'openshift-dns'] } });
    await until('both', async () => (appsIn(await specsIn(world, shop)).length === 2 ? true : undefined), 30_000);
    expect(appsIn(await specsIn(world, shop))).toEqual(['kube-dns', 'web']);
    expect(JSON.stringify(await specsIn(world, shop))).toContain('443');

    guard.configure(WITH_BASELINE);
    await untilSpecs(world, shop, DEFAULT_POLICIES, 60_000);
  }, 100_000);
});

describe('a rollout of all DNS pods', () => {
  let world: World;
  let before: string;

  beforeAll(async () => {
    world = await startWorld({ config: WITH_BASELINE });
    await world.leader();
    before = await world.namespace();
    await untilSpecs(world, before);
    // The leader has a second to write down what it saw.
    await until('the record', async () => {
      const path = `/api/v1/namespaces/${RELEASE.namespace}/configmaps/${RELEASE.name}`;
      const { data } = await world.api.get<{ data?: Record<string, string> }>(path);
      return data?.['resolvers']?.includes('kube-system/kube-dns') === true ? true : undefined;
    });
    expect(await world.api.request('DELETE', `${PODS}/coredns-0?gracePeriodSeconds=0`)).toMatchObject({ status: 200 });
    expect(await world.api.request('DELETE', `${SLICES}/kube-dns-0`)).toMatchObject({ status: 200 });
    await until('no endpoint', async () => {
      const { items } = await world.api.get<{ items: { endpoints?: unknown[] | null }[] }>(SLICES);
      return items.every(({ endpoints }) => (endpoints ?? []).length === 0) ? true : undefined;
    });
  });
  afterAll(() => world.stop());

  it('locks new namespaces down, and holds their pods back, as before', async () => {
    const { name, isHeldBack } = await born(world);
    expect(isHeldBack).toBe(true);
    await untilSpecs(world, name);
  });

  it('changes nothing either where netpol-guard starts while none of them is there', async () => {
    await replaceGuard(world, 'netpol-guard-1');
    const { name, isHeldBack } = await born(world);
    expect(isHeldBack).toBe(true);
    await untilSpecs(world, name);
    expect(await specsIn(world, before)).toEqual(DEFAULT_POLICIES);

    const deletion = await world.api.request(
      'DELETE',
      `/apis/networking.k8s.io/v1/namespaces/${before}/networkpolicies/${ALLOW_DNS}`,
    );
    expect(deletion.status).toBe(403);
  }, 60_000);
});

describe('another nameserver than the one that was found', () => {
  let world: World;
  const [nameserver = ''] = nameserversIn(readFileSync('/etc/resolv.conf', 'utf8'));

  beforeAll(async () => {
    expect(nameserver).not.toBe('');
    world = await startWorld({ config: WITH_BASELINE, env: { POD_DNS_POLICY: 'ClusterFirst' } });
  });
  afterAll(() => world.stop());

  it('is said, and stops new lockdowns until the operator says who is right', async () => {
    const guard = await world.leader();
    const untilMismatchIs = (value: number) =>
      until(
        `a mismatch of ${value}`,
        async () => ((await guard.metric('netpol_guard_resolver_mismatch')) === value ? true : undefined),
        30_000,
      );
    await untilMismatchIs(1);
    const { name, isHeldBack } = await born(world);
    expect(isHeldBack).toBe(false);
    const sentence = `pods are given the nameserver ${nameserver}, which is not among the DNS servers found`;
    for (const namespace of [name, RELEASE.namespace]) {
      await until('the event', async () => {
        const { stdout } = await world.kubectl(['get', 'events', '-n', namespace, '-o', 'json']);
        return stdout.includes('ResolverMismatch') && stdout.includes(sentence) ? true : undefined;
      });
    }
    expect(guard.process.output()).toContain(sentence);
    expect([await specsIn(world, name), STATUS in (await labelsOf(world, name))]).toEqual([{}, false]);

    guard.configure({ ...WITH_BASELINE, dns: { presets: ['kube-dns'] } });
    await untilSpecs(world, name, DEFAULT_POLICIES, 30_000);
    // The metric follows within a second. Until then a 1 would still be the first one.
    await untilMismatchIs(0);

    // What stands is kept: only what is new has to wait.
    guard.configure(WITH_BASELINE);
    await untilMismatchIs(1);
    const later = await born(world);
    await until(
      'the event',
      async () => {
        const { stdout } = await world.kubectl(['get', 'events', '-n', later.name, '-o', 'json']);
        return stdout.includes('ResolverMismatch') ? true : undefined;
      },
      30_000,
    );
    expect(await specsIn(world, later.name)).toEqual({});
    expect(await specsIn(world, name)).toEqual(DEFAULT_POLICIES);
  }, 120_000);
});
