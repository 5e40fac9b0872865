import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALLOW_DNS, DEFAULT_POLICIES, labelsOf, specsIn, untilSpecs, WITH_BASELINE } from '../../harness/baseline.ts';
import { policyPath } from '../../harness/policies.ts';
import { until } from '../../harness/until.ts';
import { startWorld, type World } from '../../harness/world.ts';

let world: World;
let before: string;

const SERVICE = '/api/v1/namespaces/kube-system/services/kube-dns';

beforeAll(async () => {
  world = await startWorld({ config: WITH_BASELINE });
  await world.leader();
  before = await world.namespace();
  await untilSpecs(world, before);
});
afterAll(() => world.stop());

const service = (app: string) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'kube-dns', namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } },
  spec: {
    clusterIP: '10.43.0.10',
    selector: { 'k8s-app': app },
    ports: [
      { name: 'dns', port: 53, protocol: 'UDP', targetPort: 53 },
      { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 53 },
    ],
  },
});

describe('while no resolver is known', () => {
  it('a new namespace gets no lockdown and holds no pod back, and an event says why', async () => {
    await world.api.request('DELETE', SERVICE);
    // Discovery hears of it a moment later; until then namespaces are born as ever.
    const namespace = await until('a namespace that is not held back', async () => {
      const name = await world.namespace();
      return 'netpol-guard.io/baseline-status' in (await labelsOf(world, name)) ? undefined : name;
    });

    const events = await until('the event', async () => {
      const { stdout } = await world.kubectl(['events', '-n', namespace]);
      return stdout.includes('NoResolver') ? stdout : undefined;
    });
    expect(events).toMatch(
      /Warning +NoResolver +Namespace\/\S+ +netpol-guard-allow-dns, netpol-guard-default-deny wait: no cluster DNS is known; set dns\.servers/,
    );
    expect(await specsIn(world, namespace)).toEqual({});
    expect(await specsIn(world, before)).toEqual(DEFAULT_POLICIES);

    expect(
      await world.api.request('POST', '/api/v1/namespaces/kube-system/services', service('kube-dns')),
    ).toMatchObject({ status: 201 });
    await untilSpecs(world, namespace);
  });
});

describe('when the resolvers change', () => {
  it('the new ones are allowed before the old ones are not', async () => {
    const peers: string[] = [];
    await world.api.watch(policyPath(before), ({ object }) => {
      if (object.metadata.name === ALLOW_DNS) peers.push(...[JSON.stringify(object)]);
    });
    const allowed = (text: string) => ['kube-dns', 'coredns'].filter((app) => text.includes(`{"k8s-app":"${app}"}`));

    await world.api.request('DELETE', SERVICE);
    await world.api.request('POST', '/api/v1/namespaces/kube-system/services', service('coredns'));

    await until(
      'the old ones to go',
      () => (allowed(peers.at(-1) ?? '').join() === 'coredns' ? true : undefined),
      50_000,
    );
    expect(peers.map(allowed)).toEqual([['kube-dns', 'coredns'], ['coredns']]);
    const after = await world.namespace();
    await until('the policies', async () => (Object.keys(await specsIn(world, after)).length === 2 ? true : undefined));
    expect(await specsIn(world, after)).toEqual(await specsIn(world, before));
  }, 90_000);
});
