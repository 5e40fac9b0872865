import { describe, expect, it } from 'vitest';
import { yamlOf } from '../../../src/policy/model/fix.ts';
import type { Policy } from '../../../src/policy/model/policy.ts';
import { allowDns, BOTH_53, deny, judge, policy, summary } from './fixtures.ts';

const NAME = 'kubernetes.io/metadata.name';
const LABEL = 'dns.operator.openshift.io/daemonset-dns';
const BOTH_5353 = BOTH_53.map(({ protocol }) => ({ protocol, port: 5353 }));
const OPENSHIFT = [{ name: 'openshift-dns', labels: new Map<string, string>(), terminating: false }];

function allowing(to: readonly object[], ports: readonly object[] = BOTH_5353): Policy {
  return policy('allow-dns', { podSelector: {}, policyTypes: ['Egress'], egress: [{ to, ports }] });
}

const byName = { namespaceSelector: { matchLabels: { [NAME]: 'openshift-dns' } } };
const byLabel = { namespaceSelector: {}, podSelector: { matchLabels: { [LABEL]: 'default' } } };

const METRICS = { matchLabels: { app: 'metrics' } };
const byTeam = { namespaceSelector: { matchLabels: { team: 'openshift-dns' } } };

const verdictOn = (after: Policy, more: Parameters<typeof judge>[1] = {}) =>
  summary(judge({ operation: 'CREATE', after }, more)).filter((finding) => finding.startsWith('dns-blocked'));

describe('where only files are known', () => {
  it.each([
    ['nothing', [{ namespaceSelector: {} }], BOTH_5353],
    [
      'nothing, by a range',
      [{ namespaceSelector: {} }],
      BOTH_53.map((port) => ({ ...port, port: 5000, endPort: 6000 })),
    ],
    ['another namespace', [{ namespaceSelector: { matchLabels: { [NAME]: 'openshift' } } }], BOTH_5353],
    [
      'every namespace but that one',
      [{ namespaceSelector: { matchExpressions: [{ key: NAME, operator: 'NotIn', values: ['openshift-dns'] }] } }],
      BOTH_5353,
    ],
  ])('DNS on port 5353 is nowhere to a policy that names %s', (_, to, ports) => {
    expect(verdictOn(allowing(to, ports))).toEqual(['dns-blocked deny']);
  });

  it.each([
    ['its namespace', byName],
    ['the label of its pods', byLabel],
  ])("is OpenShift's to a policy that names %s", (_, peer) => {
    expect(verdictOn(allowing([peer]))).toEqual([]);
  });

  it('is nowhere to one that names it with the port of kube-dns', () => {
    expect(verdictOn(allowing([byName], BOTH_53))).toEqual(['dns-blocked deny']);
  });

  it("is OpenShift's to the policies beside it too", () => {
    expect(verdictOn(deny(), { stored: [allowing([byName])] })).toEqual([]);
    expect(
      verdictOn(deny(), { stored: [policy('other', { podSelector: {}, ingress: [{ from: [byName] }] })] }),
    ).toEqual(['dns-blocked deny']);
  });

  it('is no longer where the policy that named it names it no more', () => {
    const before = allowing([byName]);
    const after = allowing([{ namespaceSelector: {} }]);
    const dnsFindings = (stored: readonly Policy[]) =>
      summary(judge({ operation: 'UPDATE', before, after }, { stored })).filter((it) => it.startsWith('dns-blocked'));
    expect(dnsFindings([before, { ...before, ref: { ...before.ref, name: 'other' } }])).toEqual([]);
    expect(dnsFindings([before])).toEqual(['dns-blocked warn']);
  });

  it("is OpenShift's to all policies where its namespace is among the files", () => {
    expect(verdictOn(allowing([{ namespaceSelector: {} }]), { namespaces: OPENSHIFT })).toEqual([]);
    expect(verdictOn(allowDns(), { namespaces: OPENSHIFT })).toEqual(['dns-blocked deny']);
    const [finding] = judge({ operation: 'CREATE', after: deny() }, { namespaces: OPENSHIFT }).findings;
    expect(finding?.why).toContain('openshift-dns/dns-default on UDP and TCP 5353');
    expect(finding && yamlOf(finding.fix.steps[0]).join('\n')).toContain('metadata.name: openshift-dns');
  });

  it('is kube-dns to all others', () => {
    expect(verdictOn(allowDns())).toEqual([]);
    const [finding] = judge({ operation: 'CREATE', after: deny() }).findings;
    expect(finding?.why).toContain('kube-system/kube-dns');
  });

  it.each([
    ['another label with its name', { namespaceSelector: { matchLabels: { name: 'openshift-dns' } } }],
    ['the label of its pods, on the namespace', { namespaceSelector: { matchLabels: { [LABEL]: 'default' } } }],
    ['its pods in the own namespace', { podSelector: { matchLabels: { [LABEL]: 'default' } } }],
    ['its pods in kube-system', { ...byLabel, namespaceSelector: { matchLabels: { [NAME]: 'kube-system' } } }],
    ['its namespace among others', { namespaceSelector: { matchExpressions: [namesIn('openshift-dns', 'dns')] } }],
  ])("is spoken of as OpenShift's to a policy that names %s, with the port of kube-dns", (_, peer) => {
    const [finding] = judge({ operation: 'CREATE', after: allowing([peer], BOTH_53) }).findings;
    expect(finding).toMatchObject({ rule: 'dns-blocked', effect: 'deny' });
    expect(finding?.why).toContain('openshift-dns/dns-default on UDP and TCP 5353');
    expect(finding?.why).not.toContain('kube-system/kube-dns');
    expect(JSON.stringify(finding?.fix.steps)).toContain('openshift-dns');
  });

  it('may be either to policies that name both', () => {
    const both = { namespaceSelector: { matchExpressions: [namesIn('kube-system', 'openshift-dns')] } };
    expect(verdictOn(allowing([both], BOTH_53))).toEqual([]);
    expect(verdictOn(allowing([both], BOTH_5353))).toEqual([]);
    expect(verdictOn(allowing([both], [{ protocol: 'TCP', port: 443 }]))).toEqual(['dns-blocked deny']);
  });

  it("is OpenShift's to whoever would cut off the pods in its namespace", () => {
    const spec = { podSelector: {}, policyTypes: ['Ingress'] };
    const verdict = judge({ operation: 'CREATE', after: policy('deny', spec, 'openshift-dns') });
    expect(summary(verdict)).toEqual(['dns-servers-isolated deny']);
  });

  it.each([
    ['lets it in', { podSelector: METRICS, ingress: [{ from: [byName] }] }],
    [
      'has a label with its name that is no name',
      { podSelector: METRICS, policyTypes: ['Egress'], egress: [{ to: [byTeam] }] },
    ],
    ['names it', { podSelector: METRICS, policyTypes: ['Egress'], egress: [{ to: [byName], ports: BOTH_5353 }] }],
  ])('stays in kube-system, too, for whoever cuts its pods off there, beside a policy that %s', (_, spec) => {
    const after = policy('deny', { podSelector: {}, policyTypes: ['Ingress'] }, 'kube-system');
    const verdict = judge({ operation: 'CREATE', after }, { stored: [policy('other', spec, 'kube-system')] });
    expect(summary(verdict)).toContain('dns-servers-isolated deny');
  });

  it("is kube-dns beside a policy that lets OpenShift's in, or names it by no name", () => {
    for (const spec of [
      { podSelector: {}, ingress: [{ from: [byName] }] },
      { podSelector: {}, policyTypes: ['Egress'], egress: [{ to: [byTeam], ports: BOTH_5353 }] },
    ]) {
      const [finding] = judge({ operation: 'CREATE', after: deny() }, { stored: [policy('other', spec)] }).findings;
      expect(finding?.why).toContain('kube-system/kube-dns');
    }
  });

  it('is not what a policy for other pods names', () => {
    const other = policy('other', {
      podSelector: { matchLabels: { app: 'web' } },
      policyTypes: ['Egress'],
      egress: [{ to: [byName], ports: BOTH_5353 }],
    });
    const cart = policy('cart', { podSelector: { matchLabels: { app: 'cart' } }, policyTypes: ['Egress'] });
    const [finding] = judge({ operation: 'CREATE', after: cart }, { stored: [other] }).findings;
    expect(finding?.why).toContain('kube-system/kube-dns');
  });

  it('is nowhere near a range of ports for a database', () => {
    const db = { podSelector: { matchLabels: { app: 'db' } } };
    for (const [port, endPort] of [[5000, 5999] as const, [1, 1024] as const]) {
      const after = allowing([db], [{ protocol: 'TCP', port, endPort }]);
      const [finding] = judge({ operation: 'CREATE', after }).findings;
      expect(finding?.why).toMatch(/kube-dns on UDP and TCP 53\.$/);
    }
  });
});

function namesIn(...values: readonly string[]) {
  return { key: NAME, operator: 'In', values };
}
