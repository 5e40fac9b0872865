import { describe, expect, it } from 'vitest';
import { DNS_PRESETS } from '../../../../src/policy/dns/presets.ts';
import type { DnsServer } from '../../../../src/policy/model/dns-server.ts';
import { LabelSelector } from '../../../../src/sets/label-selector.ts';
import { BOTH_53, judge, policy, SETTINGS, summary } from '../fixtures.ts';

const NAME = 'kubernetes.io/metadata.name';

function verdictOn(peer: object, more: Parameters<typeof judge>[1] = {}) {
  const spec = { podSelector: {}, policyTypes: ['Egress'], egress: [{ to: [peer], ports: BOTH_53 }] };
  return judge({ operation: 'CREATE', after: policy('allow-dns', spec) }, more);
}

const namespaces = (matchLabels: object) => ({ namespaceSelector: { matchLabels } });

describe('a label in the wrong selector', () => {
  it.each([
    ['the label of the DNS pods', namespaces({ 'k8s-app': 'kube-dns' }), 'k8s-app=kube-dns is a label of the DNS pods'],
    [
      'the same beside the name of the namespace',
      namespaces({ [NAME]: 'kube-system', 'k8s-app': 'kube-dns' }),
      'k8s-app=kube-dns is a label of the DNS pods and belongs in podSelector of the same item',
    ],
    [
      'the same as an expression',
      { namespaceSelector: { matchExpressions: [{ key: 'k8s-app', operator: 'In', values: ['kube-dns'] }] } },
      'k8s-app=kube-dns is a label of the DNS pods',
    ],
    [
      'another value of it',
      namespaces({ 'k8s-app': 'coredns' }),
      'by a label of pods, k8s-app=coredns; the DNS pods are k8s-app=kube-dns',
    ],
    [
      "the label of OpenShift's DNS pods",
      namespaces({ 'dns.operator.openshift.io/daemonset-dns': 'default' }),
      'dns.operator.openshift.io/daemonset-dns=default is a label of the DNS pods',
    ],
    [
      'the label of the namespace on the pods',
      { podSelector: { matchLabels: { [NAME]: 'kube-system', 'k8s-app': 'kube-dns' } } },
      `${NAME}=kube-system belongs in namespaceSelector of the same item`,
    ],
    [
      'its name under another key',
      { namespaceSelector: {}, podSelector: { matchLabels: { name: 'kube-system' } } },
      `by the name of a namespace, name=kube-system; ${NAME}=kube-system belongs in namespaceSelector of the same item`,
    ],
    [
      'both, the wrong way round',
      { ...namespaces({ 'k8s-app': 'kube-dns' }), podSelector: { matchLabels: { [NAME]: 'kube-system' } } },
      `belongs in podSelector, as ${NAME}=kube-system does in namespaceSelector`,
    ],
  ])('%s is named, for certain', (_, peer, words) => {
    const { findings } = verdictOn(peer);
    expect(findings.map(({ rule, effect }) => `${rule} ${effect}`)).toEqual([
      'dns-blocked deny',
      'dns-peer-matches-nothing warn',
    ]);
    for (const { why, uncertain } of findings)
      expect([why, uncertain]).toEqual([expect.stringContaining(words), undefined]);
  });

  it('is none where the namespace is known to carry it', () => {
    const labels = new Map([['k8s-app', 'kube-dns']]);
    const kubeSystem = { namespaces: [{ name: 'kube-system', labels, terminating: false }] };
    expect(summary(verdictOn(namespaces({ 'k8s-app': 'kube-dns' }), kubeSystem))).toEqual([]);
  });

  it('is told of servers that the operator names, by the value that their pods have', () => {
    const [kubeDns] = DNS_PRESETS.get('kube-dns') ?? [];
    if (kubeDns?.kind !== 'pods') throw new Error('these are pods');
    const unbound: DnsServer = {
      ...kubeDns,
      name: 'dns/unbound',
      namespaces: LabelSelector.of(new Map([[NAME, 'dns']])),
      namespace: 'dns',
      pods: LabelSelector.of(new Map([['app', 'unbound']])),
    };
    const settings = { ...SETTINGS, dns: { ...SETTINGS.dns, servers: [unbound] } };
    const { findings } = verdictOn(namespaces({ app: 'unbound' }), { settings });
    const advice = findings.find(({ rule }) => rule === 'dns-peer-matches-nothing');
    expect(advice?.why).toContain('app=unbound is a label of the DNS pods and belongs in podSelector');
    const [other] = verdictOn(namespaces({ app: 'resolvers' }), { settings }).findings;
    expect(other?.why).not.toContain('podSelector');
    const labelled = { ...unbound, namespaces: LabelSelector.of(new Map([['app', 'unbound']])), namespace: undefined };
    const of = { ...settings, dns: { ...settings.dns, servers: [labelled] } };
    const right = { ...namespaces({ app: 'unbound' }), podSelector: { matchLabels: { role: 'cache' } } };
    const said = verdictOn(right, { settings: of }).findings.map(({ why }) => why);
    expect(said.join()).not.toContain('label of the DNS pods');
  });

  it('is none that namespaces usually carry', () => {
    expect(summary(verdictOn(namespaces({ team: 'platform' })))).toEqual([
      'dns-blocked warn?',
      'dns-peer-matches-nothing warn?',
    ]);
  });
});
