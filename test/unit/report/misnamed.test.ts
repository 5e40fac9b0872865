import { expect, it } from 'vitest';
import { brief, lintText } from '../commands/lint-text.ts';

const named = (apiVersion: string, kind: string) =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: a, namespace: shop}\nspec: {podSelector: {}}\n`;

it.each([
  ['networking.k8s.io/v1', 'NetworkPolcy'],
  ['networking.k8s.io/v1', 'NetworkPolicies'],
  ['networking.k8s.io/v1', 'networkpolicy'],
  ['networking.k8s.io/v1', 'Network-Policy'],
  ['networking.k8s.io/v1beta1', 'NetworkPolicies'],
  ['v1', 'NetworkPolcy'],
])('%s has no kind %s', async (apiVersion, kind) => {
  const outcome = await lintText(named(apiVersion, kind));
  expect(brief(outcome)).toEqual(['2:7 error invalid-object kind']);
  expect(outcome.findings[0]?.message).toBe(`${apiVersion} has no kind "${kind}"; did you mean NetworkPolicy?`);
  expect(outcome.exit).toBe(2);
});

it.each([
  'v1',
  'apps/v1',
  'networking/v1',
  'networking.k8s.io/v2',
  'networking.k8.io/v1',
  'policy.k8s.io/v1',
  'k8s.io/v1',
  'networking.k8s.io.v1',
  'networking.k8s.io.cluster/v1',
  'networking.k8s.io/v1/v1',
  'networking.k8s.io\\v1',
  'crd.example.org.v1',
])('%s has no NetworkPolicy', async (apiVersion) => {
  const outcome = await lintText(named(apiVersion, 'NetworkPolicy'));
  expect(outcome.findings.map(({ message }) => message)).toEqual([
    `${JSON.stringify(apiVersion)} has no NetworkPolicy; write networking.k8s.io/v1`,
  ]);
});

it.each(['networking.kubernetes.io/v1', 'kubernetes.io/v1'])(
  '%s is meant for that of Kubernetes where the spec is one of its NetworkPolicies',
  async (apiVersion) => {
    const text = named(apiVersion, 'NetworkPolicy');
    expect(brief(await lintText(text))).toEqual(['1:13 warning unsupported-policy-api apiVersion']);
    const meant = await lintText(text.replace('{}', '{}, policyTypes: [Egress]'));
    expect(brief(meant)).toEqual(['1:13 error invalid-object apiVersion']);
  },
);

it.each(['NetPolicy', 'netpol', 'NP'])('networking.k8s.io/v1 has no kind %s, which is short for one', async (kind) => {
  expect(brief(await lintText(named('networking.k8s.io/v1', kind)))).toEqual(['2:7 error invalid-object kind']);
});

it.each(['Policy', 'NetworkPolicyList', 'Something'])(
  'networking.k8s.io/v1 has no kind %s, which has the spec of one',
  async (kind) => {
    const text = named('networking.k8s.io/v1', kind).replace('{}', '{}, egress: []');
    const outcome = await lintText(text);
    expect(outcome.findings.map(({ rule, severity, message }) => [rule, severity, message])).toEqual([
      ['invalid-object', 'error', `networking.k8s.io/v1 has no kind "${kind}"; did you mean NetworkPolicy?`],
    ]);
  },
);

it.each(['fabric.example/v1', 'aci.aw/v1', 'networking.istio.io/v1', 'networking.x-k8s.io/v1'])(
  'the NetworkPolicy of %s is its own, and makes nothing uncertain',
  async (apiVersion) => {
    const deny = named('networking.k8s.io/v1', 'NetworkPolicy').replace('{}', '{}, policyTypes: [Egress]');
    const outcome = await lintText(`${named(apiVersion, 'NetworkPolicy')}---\n${deny}`);
    expect(brief(outcome)).toEqual([
      '1:13 warning unsupported-policy-api apiVersion',
      '9:1 error dns-blocked spec.egress',
    ]);
    expect((await lintText(named(apiVersion, 'NetworkPolicies'))).findings).toEqual([]);
  },
);

it.each([
  ['kind: NetworkPolicy\n', 'is missing; write networking.k8s.io/v1'],
  ['apiVersion: networking.k8s.io/v1\n', 'is missing; write NetworkPolicy'],
  ['apiVersion: networking.k8s.io/v1\nKind: NetworkPolicy\n', 'is written "Kind"; write kind: NetworkPolicy'],
  ['apiVersion: networking.k8s.io/v1\nkind: 5\n', 'is not a string; write NetworkPolicy'],
  ['apiVersion: networking.k8s.io/v1\nkind:\n', 'is empty; write NetworkPolicy'],
  ['apiVersion: networking.k8s.io/v1\nkind: ""\n', 'is empty; write NetworkPolicy'],
  ['spec: {podSelector: {}, egress: []}\n', 'is missing; write NetworkPolicy'],
])('%j', async (text, message) => {
  expect((await lintText(text)).findings.map((finding) => finding.message)).toEqual([message]);
});

it.each(['Ingress', 'IngressClass', 'IPAddress', 'ServiceCIDR', 'Something'])(
  'networking.k8s.io/v1 %s is another kind',
  async (kind) => {
    expect((await lintText(named('networking.k8s.io/v1', kind))).findings).toEqual([]);
  },
);

it.each(['cilium.io', 'cilium.io/', 'cilium.io/v2/v2'])(
  'a policy of another API makes nothing uncertain without a version that its API server would take: %s',
  async (apiVersion) => {
    const deny = named('networking.k8s.io/v1', 'NetworkPolicy').replace('{}', '{}, policyTypes: [Egress]');
    const outcome = await lintText(`${named(apiVersion, 'CiliumNetworkPolicy')}---\n${deny}`);
    expect(brief(outcome)).toEqual(['9:1 error dns-blocked spec.egress']);
  },
);
