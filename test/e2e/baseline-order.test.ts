import { describe, expect, it } from 'vitest';
import { specsIn, storedPolicies, untilSpecs, WITH_BASELINE } from '../harness/baseline.ts';
import { ACCOUNT, podObject } from '../harness/burst.ts';
import { useCluster } from '../harness/fixture.ts';
import { defaultDeny, egressPolicy } from '../harness/policies.ts';
import { until } from '../harness/until.ts';

const cluster = useCluster({ config: WITH_BASELINE });

const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'web', image: 'registry.example/web:1' }] },
    },
  },
};
const toDatabase = egressPolicy(
  'to-database',
  [{ to: [{ podSelector: { matchLabels: { app: 'database' } } }], ports: [{ port: 5432 }] }],
  { matchLabels: { app: 'web' } },
);
const fromGateway = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'from-gateway' },
  spec: {
    podSelector: { matchLabels: { app: 'web' } },
    policyTypes: ['Ingress'],
    ingress: [{ from: [{ podSelector: {} }] }],
  },
};

const PARTS = { deny: defaultDeny, database: toDatabase, workloads: [ACCOUNT, podObject('web-0'), deployment] };
const ORDERS = [
  ['deny', 'database', 'workloads'],
  ['deny', 'workloads', 'database'],
  ['database', 'deny', 'workloads'],
  ['database', 'workloads', 'deny'],
  ['workloads', 'deny', 'database'],
  ['workloads', 'database', 'deny'],
] as const;

describe('a namespace, a default-deny of its own, workloads and policies in one kubectl apply -f', () => {
  it.each(ORDERS)('succeeds in the order %s, %s, %s', async (...order) => {
    const name = `order-${order.join('-')}-${Date.now()}`;
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };

    const applied = await cluster.apply(name, [namespace, ...order.flatMap((part) => PARTS[part]), fromGateway]);

    expect(applied).toMatchObject({ status: 0, stderr: '' });
    expect(applied.stdout.trim().split('\n')).toHaveLength(7);
    expect(applied.stdout).not.toContain('unchanged');
    await until('all of them', async () => ((await storedPolicies(cluster, name)).length === 5 ? true : undefined));
    const {
      'default-deny': deny,
      'to-database': database,
      'from-gateway': gateway,
      ...baseline
    } = await specsIn(cluster, name);
    expect([deny, database, gateway]).toEqual(
      [defaultDeny, toDatabase, fromGateway]
        .map((one) => (one as { spec: object }).spec)
        .map((spec) => expect.objectContaining({ policyTypes: (spec as { policyTypes: string[] }).policyTypes })),
    );
    await untilSpecs(cluster, name, {
      'default-deny': deny ?? {},
      'to-database': database ?? {},
      'from-gateway': gateway ?? {},
      ...baseline,
    });
  });

  it('succeeds as a server-side dry run of all but the namespace, and the same again changes nothing', async () => {
    const name = await cluster.namespace();
    const all = [defaultDeny, toDatabase, deployment];
    const serverSide = ['--server-side', '--field-manager=kustomize-controller'];

    expect(await cluster.apply(name, all, [...serverSide, '--dry-run=server'])).toMatchObject({
      status: 0,
      stderr: '',
    });
    expect(await cluster.apply(name, all, serverSide)).toMatchObject({ status: 0, stderr: '' });
    const before = await storedPolicies(cluster, name);
    expect(await cluster.apply(name, all, serverSide)).toMatchObject({ status: 0, stderr: '' });
    expect((await storedPolicies(cluster, name)).map(({ metadata }) => metadata.resourceVersion)).toEqual(
      before.map(({ metadata }) => metadata.resourceVersion),
    );
  });

  it('goes away in any order too', async () => {
    const name = await cluster.namespace();
    const stdin = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [toDatabase, defaultDeny, deployment] });
    expect(await cluster.kubectl(['apply', '-n', name, '-f', '-'], { stdin })).toMatchObject({ status: 0, stderr: '' });

    expect(await cluster.kubectl(['delete', '-n', name, '-f', '-'], { stdin })).toMatchObject({
      status: 0,
      stderr: '',
    });

    await untilSpecs(cluster, name);
    expect(await cluster.kubectl(['delete', 'namespace', name, '--timeout=30s'])).toMatchObject({
      status: 0,
      stderr: '',
    });
  });
});

describe('in a namespace without a baseline', () => {
  it('order matters as ever', async () => {
    const namespace = await cluster.namespace({ 'netpol-guard.io/baseline': 'none' });

    const refused = await cluster.apply(namespace, [defaultDeny]);

    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain('[dns-blocked]');
  });
});
