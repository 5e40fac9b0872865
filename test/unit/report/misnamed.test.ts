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

it.each(['v1', 'apps/v1', 'networking/v1', 'networking.k8s.io/v2', 'networking.k8.io/v1', 'policy.k8s.io/v1'])(
  '%s has no NetworkPolicy',
  async (apiVersion) => {
    const outcome = await lintText(named(apiVersion, 'NetworkPolicy'));
    expect(outcome.findings.map(({ message }) => message)).toEqual([
      `"${apiVersion}" has no NetworkPolicy; write networking.k8s.io/v1`,
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
