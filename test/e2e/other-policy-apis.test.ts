import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useCluster } from '../harness/fixture.ts';
import { defaultDeny, openDns, policyPath } from '../harness/policies.ts';
import { until } from '../harness/until.ts';

const cluster = useCluster();

interface CustomKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly scope: 'Namespaced' | 'Cluster';
}

/** As much of a CustomResourceDefinition as makes the API server serve it. */
function definition({ group, version, kind, plural, scope }: CustomKind): object {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope,
      names: { kind, plural, singular: kind.toLowerCase() },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
        },
      ],
    },
  };
}

const CILIUM = definition({
  group: 'cilium.io',
  version: 'v2',
  kind: 'CiliumNetworkPolicy',
  plural: 'ciliumnetworkpolicies',
  scope: 'Namespaced',
});
const CALICO = definition({
  group: 'crd.projectcalico.org',
  version: 'v1',
  kind: 'GlobalNetworkPolicy',
  plural: 'globalnetworkpolicies',
  scope: 'Cluster',
});

const ciliumPolicy = {
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumNetworkPolicy',
  metadata: { name: 'dns' },
  spec: { endpointSelector: {}, egress: [{ toEntities: ['cluster'] }] },
};
const calicoPolicy = {
  apiVersion: 'crd.projectcalico.org/v1',
  kind: 'GlobalNetworkPolicy',
  metadata: { name: 'dns' },
  spec: { types: ['Egress'], egress: [{ action: 'Allow' }] },
};

const define = async (crd: { metadata?: { name: string } } & object, plural: string): Promise<void> => {
  expect(await cluster.kubectl(['apply', '-f', '-'], { stdin: JSON.stringify(crd) })).toMatchObject({ status: 0 });
  expect(await cluster.kubectl(['wait', '--for=condition=Established', `crd/${plural}`])).toMatchObject({ status: 0 });
};

describe('objects of another policy API', () => {
  beforeAll(() => define(CILIUM, 'ciliumnetworkpolicies.cilium.io'));
  afterAll(async () => {
    await cluster.kubectl([
      'delete',
      'crd',
      'ciliumnetworkpolicies.cilium.io',
      'globalnetworkpolicies.crd.projectcalico.org',
      '--ignore-not-found',
    ]);
  });

  it('a Cilium policy in the namespace may allow DNS: a warning, not a refusal', async () => {
    const namespace = await cluster.namespace();
    expect(await cluster.apply(namespace, [ciliumPolicy])).toMatchObject({ status: 0 });
    // The definition is found by the next look at what the API server serves.
    await until(
      'the Cilium policy to be known',
      async () => {
        const answer = await cluster.api.request('POST', `${policyPath(namespace)}?dryRun=All`, defaultDeny);
        return answer.status === 201 ? true : undefined;
      },
      90_000,
    );

    const result = await cluster.apply(namespace, [defaultDeny]);

    expect(result.status).toBe(0);
    expect(result.stdout).toBe('networkpolicy.networking.k8s.io/default-deny created\n');
    expect(result.stderr).toMatch(
      /^Warning: default-deny cuts every pod of \S+ off from DNS: .* \(not certain\) \[dns-blocked\]\nWarning: not certain: ciliumnetworkpolicies\.cilium\.io .*\n$/,
    );
  }, 120_000);

  it('port 53 to anywhere is a leak all the same', async () => {
    const namespace = await cluster.namespace();
    expect(await cluster.apply(namespace, [ciliumPolicy])).toMatchObject({ status: 0 });

    expect(await cluster.apply(namespace, [openDns])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('[dns-open-to-anywhere]'),
    });
  });

  it('a namespace that no such object reaches is judged as ever', async () => {
    const namespace = await cluster.namespace();

    expect(await cluster.apply(namespace, [defaultDeny])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('[dns-blocked]'),
    });
  });

  it('a global Calico policy reaches every namespace', async () => {
    await define(CALICO, 'globalnetworkpolicies.crd.projectcalico.org');
    expect(await cluster.apply('default', [calicoPolicy])).toMatchObject({ status: 0 });
    const namespace = await cluster.namespace();

    const answer = await until(
      'the Calico policy to be known',
      async () => {
        const dryRun = await cluster.api.request('POST', `${policyPath(namespace)}?dryRun=All`, defaultDeny);
        return dryRun.status === 201 ? dryRun : undefined;
      },
      90_000,
    );

    expect(answer.warnings).toEqual([
      expect.stringMatching(/^default-deny cuts every pod of .* \(not certain\) \[dns-blocked\]$/),
      expect.stringMatching(/^not certain: globalnetworkpolicies\.crd\.projectcalico\.org /),
    ]);
  }, 120_000);
});
