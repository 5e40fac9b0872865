import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICIES, specsIn, untilSpecs } from '../harness/baseline.ts';
import { BREAKGLASS } from '../harness/connected.ts';
import { useCluster } from '../harness/fixture.ts';
import { egressPolicy } from '../harness/policies.ts';
import { until } from '../harness/until.ts';

const METRICS = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'metrics' },
  spec: {
    podSelector: { matchLabels: { metrics: 'scraped' } },
    policyTypes: ['Ingress'],
    ingress: [{ from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }] }],
  },
};

const shop = [
  { part: 'default-deny' },
  { part: 'allow-dns' },
  { part: 'allow-ingress-from', namespaces: ['gateway'] },
  { part: 'allow-api-server', blocks: ['10.99.0.3/32'] },
  { part: 'allow-same-namespace' },
  METRICS,
];

const configurationWith = (items: readonly object[]) => ({
  baseline: { templates: { shop: items }, excludedNamespaces: ['sandbox-*'] },
  gate: { enabled: true },
  exemptions: { users: [BREAKGLASS.user] },
});

const cluster = useCluster({ config: configurationWith(shop) });

const label = (namespace: string, template: string) =>
  cluster.kubectl(['label', 'namespace', namespace, '--overwrite', `netpol-guard.io/baseline=${template}`]);

describe('a template of the configuration', () => {
  it('gives all that it lists, parts and manifests, under the reserved prefix', async () => {
    const namespace = await cluster.namespace({ 'netpol-guard.io/baseline': 'shop' });
    const endpoints = await cluster.kubectl([
      'get',
      'endpointslices',
      '-l',
      'kubernetes.io/service-name=kubernetes',
      '-o',
      'jsonpath={.items[*].ports[*].port}',
    ]);

    await untilSpecs(cluster, namespace, {
      ...DEFAULT_POLICIES,
      'netpol-guard-allow-api-server': {
        podSelector: {},
        policyTypes: ['Egress'],
        egress: [
          {
            to: [{ ipBlock: { cidr: '10.99.0.2/32' } }, { ipBlock: { cidr: '10.99.0.3/32' } }],
            ports: [{ protocol: 'TCP', port: Number(endpoints.stdout) }],
          },
        ],
      },
      'netpol-guard-allow-ingress-from': {
        podSelector: {},
        policyTypes: ['Ingress'],
        ingress: [
          {
            from: [
              {
                namespaceSelector: {
                  matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: ['gateway'] }],
                },
              },
            ],
          },
        ],
      },
      'netpol-guard-allow-same-namespace': {
        podSelector: {},
        policyTypes: ['Ingress', 'Egress'],
        ingress: [{ from: [{ podSelector: {} }] }],
        egress: [{ to: [{ podSelector: {} }] }],
      },
      'netpol-guard-metrics': METRICS.spec,
    });
    expect(Object.keys(await specsIn(cluster, namespace))).toHaveLength(6);
  });

  it('that is changed there is changed in every namespace that has it', async () => {
    const namespaces = [];
    for (let index = 0; index < 3; index += 1)
      namespaces.push(await cluster.namespace({ 'netpol-guard.io/baseline': 'shop' }));

    cluster.guard.configure(configurationWith([{ part: 'default-deny' }, { part: 'allow-dns' }]));

    for (const namespace of namespaces) await untilSpecs(cluster, namespace, DEFAULT_POLICIES);
    cluster.guard.configure(configurationWith(shop));
    for (const namespace of namespaces)
      await until('the policies', async () =>
        Object.keys(await specsIn(cluster, namespace)).length === shop.length ? true : undefined,
      );
    expect(cluster.guard.process.exitCode()).toBeUndefined();
  });

  it('can be exchanged for another, and what the new one does not ask for goes', async () => {
    const namespace = await cluster.namespace({ 'netpol-guard.io/baseline': 'shop' });
    await until('the policies', async () =>
      Object.keys(await specsIn(cluster, namespace)).length === 6 ? true : undefined,
    );

    expect(await label(namespace, 'default-deny-ingress')).toMatchObject({ status: 0, stderr: '' });

    await untilSpecs(cluster, namespace, {
      'netpol-guard-default-deny': { podSelector: {}, policyTypes: ['Ingress'] },
    });
  });
});

describe('opting out', () => {
  it('removes what was applied, and nothing else, also not what was given one of our names', async () => {
    const namespace = await cluster.namespace();
    await untilSpecs(cluster, namespace);
    await cluster.apply(namespace, [egressPolicy('web', [{ to: [{ podSelector: {} }] }])]);
    const named = egressPolicy('netpol-guard-theirs', [{ to: [{ podSelector: {} }] }]);
    await cluster.apply(namespace, [named], [], { as: BREAKGLASS });
    const { web = {}, 'netpol-guard-theirs': theirs = {} } = await specsIn(cluster, namespace);

    expect(await label(namespace, 'none')).toMatchObject({ status: 0, stderr: '' });

    await untilSpecs(cluster, namespace, { web, 'netpol-guard-theirs': theirs });
    const events = await until('the event', async () => {
      const { stdout } = await cluster.kubectl(['events', '-n', namespace]);
      return stdout.includes('BaselineRemoved') ? stdout : undefined;
    });
    expect(events).toMatch(
      /Normal +BaselineRemoved +Namespace\/\S+ +removed netpol-guard-default-deny, netpol-guard-allow-dns, which/,
    );
    expect(await label(namespace, 'default-deny')).toMatchObject({ status: 0 });
    await untilSpecs(cluster, namespace, { ...DEFAULT_POLICIES, web, 'netpol-guard-theirs': theirs });
  });

  it('is what none says; to drop the label changes nothing, and says so', async () => {
    const namespace = await cluster.namespace();
    await untilSpecs(cluster, namespace);

    const dropped = await cluster.kubectl(['label', 'namespace', namespace, 'netpol-guard.io/baseline-']);

    expect(dropped.stderr).toBe(
      'Warning: label netpol-guard.io/baseline is kept: set it to none to opt out of the baseline\n',
    );
    await untilSpecs(cluster, namespace);
  });

  it('happens by itself in namespaces that are excluded, but not where their label says otherwise', async () => {
    const bare = `sandbox-${randomBytes(4).toString('hex')}`;
    const labels = { 'netpol-guard.io/baseline': 'default-deny' };
    for (const metadata of [{ name: bare }, { name: `${bare}-labelled`, labels }]) {
      const created = await cluster.kubectl(['create', '-f', '-'], {
        stdin: JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata }),
      });
      expect(created).toMatchObject({ status: 0, stderr: '' });
    }

    await untilSpecs(cluster, `${bare}-labelled`);
    expect(await specsIn(cluster, bare)).toEqual({});
  });
});
