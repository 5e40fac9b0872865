import { describe, expect, it } from 'vitest';
import { allowDns, BOTH_53, deny, judge, policy, SETTINGS, summary, TO_DNS } from './fixtures.ts';

describe('the after-state of the whole namespace is judged', () => {
  it('refuses default-deny where nothing allows DNS', () => {
    expect(summary(judge({ operation: 'CREATE', after: deny() }))).toEqual(['dns-blocked deny']);
  });

  it('accepts default-deny once another policy allows DNS to every pod', () => {
    expect(summary(judge({ operation: 'CREATE', after: deny() }, { stored: [allowDns()] }))).toEqual([]);
  });

  it('accepts default-deny where several carve-outs cover every pod together', () => {
    const stored = [
      allowDns({ matchExpressions: [{ key: 'tier', operator: 'In', values: ['web'] }] }, BOTH_53, 'a'),
      allowDns({ matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['web'] }] }, BOTH_53, 'b'),
    ];
    expect(summary(judge({ operation: 'CREATE', after: deny() }, { stored }))).toEqual([]);
  });

  it('accepts it where UDP and TCP come from different policies', () => {
    const stored = [allowDns({}, [{ protocol: 'UDP', port: 53 }], 'udp'), allowDns({}, [{ port: 53 }], 'tcp')];
    expect(summary(judge({ operation: 'CREATE', after: deny() }, { stored }))).toEqual([]);
  });

  it('warns with a witness where a carve-out leaves some pods out', () => {
    const stored = [allowDns({ matchLabels: { role: 'frontend' } })];
    const verdict = judge({ operation: 'CREATE', after: deny() }, { stored });
    expect(summary(verdict)).toEqual(['dns-partly-blocked warn']);
    expect(verdict.findings[0]?.why).toMatch(
      /^Pods without labels cannot reach kube-system\/kube-dns over UDP and TCP, /,
    );
  });

  it('does not count a carve-out for other pods', () => {
    const stored = [allowDns({ matchLabels: { app: 'other' } })];
    const verdict = judge({ operation: 'CREATE', after: deny({ matchLabels: { app: 'web' } }) }, { stored });
    expect(summary(verdict)).toEqual(['dns-blocked warn']);
    expect(verdict.findings[0]?.why).toContain('allow-dns allows DNS, but selects other pods (pods app=other)');
  });

  it('tolerates selected pods that may connect nowhere at all, unless the settings say otherwise', () => {
    const after = deny({ matchLabels: { app: 'database' } });
    expect(summary(judge({ operation: 'CREATE', after }))).toEqual(['dns-blocked warn']);
    const settings = { ...SETTINGS, dnsBlocked: { ...SETTINGS.dnsBlocked, noEgressAtAll: 'deny' as const } };
    expect(summary(judge({ operation: 'CREATE', after }, { settings }))).toEqual(['dns-blocked deny']);
  });

  it('does not tolerate pods that may connect somewhere', () => {
    const spec = { podSelector: { matchLabels: { app: 'web' } }, egress: [{ to: [{ podSelector: {} }] }] };
    const after = policy('web', { ...spec, policyTypes: ['Egress'] });
    expect(summary(judge({ operation: 'CREATE', after }))).toEqual(['dns-blocked deny']);
  });

  it('replaces the stored object of the same name', () => {
    const stored = [allowDns()];
    const before = allowDns();
    const after = policy('allow-dns', { podSelector: {}, policyTypes: ['Egress'] });
    expect(summary(judge({ operation: 'UPDATE', before, after }, { stored }))).toEqual(['dns-blocked deny']);
  });

  it('takes an object without a name as a new member', () => {
    const { name: _, ...ref } = deny().ref;
    const after = { ...deny(), ref };
    expect(summary(judge({ operation: 'CREATE', after }))).toEqual(['dns-blocked deny']);
    expect(summary(judge({ operation: 'CREATE', after }, { stored: [allowDns()] }))).toEqual([]);
  });

  it('is not certain where policies of other APIs can reach the namespace', () => {
    const otherPolicies = [{ kind: 'ciliumnetworkpolicies.cilium.io', namespace: 'shop' }];
    expect(summary(judge({ operation: 'CREATE', after: deny() }, { otherPolicies }))).toEqual(['dns-blocked warn?']);
    const elsewhere = [{ kind: 'ciliumnetworkpolicies.cilium.io', namespace: 'bank' }];
    expect(summary(judge({ operation: 'CREATE', after: deny() }, { otherPolicies: elsewhere }))).toEqual([
      'dns-blocked deny',
    ]);
    const settings = { ...SETTINGS, dns: { ...SETTINGS.dns, otherPolicies: 'ignore' as const } };
    expect(summary(judge({ operation: 'CREATE', after: deny() }, { otherPolicies, settings }))).toEqual([
      'dns-blocked deny',
    ]);
  });

  it('accepts DNS at OpenShift as well as at kube-dns where nothing says which it is', () => {
    const to = [
      {
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'openshift-dns' } },
        podSelector: { matchLabels: { 'dns.operator.openshift.io/daemonset-dns': 'default' } },
      },
    ];
    const ports = [
      { protocol: 'UDP', port: 5353 },
      { protocol: 'TCP', port: 5353 },
    ];
    const after = policy('allow-dns', { podSelector: {}, policyTypes: ['Egress'], egress: [{ to, ports }] });
    expect(summary(judge({ operation: 'CREATE', after }))).toEqual([]);
  });

  it('is not certain about a label of the DNS namespace that nobody described', () => {
    const to = [{ namespaceSelector: { matchLabels: { name: 'kube-system' } }, podSelector: TO_DNS[0]?.podSelector }];
    const after = policy('allow-dns', { podSelector: {}, policyTypes: ['Egress'], egress: [{ to, ports: BOTH_53 }] });
    expect(summary(judge({ operation: 'CREATE', after }))).toEqual([
      'dns-blocked warn?',
      'dns-peer-matches-nothing warn?',
    ]);
    const described = [{ name: 'kube-system', labels: new Map<string, string>(), terminating: false }];
    const verdict = judge({ operation: 'CREATE', after }, { namespaces: described });
    expect(summary(verdict)).toEqual(['dns-blocked deny', 'dns-peer-matches-nothing warn']);
    expect(verdict.findings[0]?.why).toContain('selects namespaces name=kube-system');
    const labelled = [{ name: 'kube-system', labels: new Map([['name', 'kube-system']]), terminating: false }];
    expect(summary(judge({ operation: 'CREATE', after }, { namespaces: labelled }))).toEqual([]);
  });
});
