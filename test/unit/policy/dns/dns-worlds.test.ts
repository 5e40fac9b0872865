import { describe, expect, it } from 'vitest';
import { dnsFacts } from '../../../../src/policy/dns/facts.ts';
import { evaluate } from '../../../../src/policy/evaluate.ts';
import type { DnsPods, DnsServer } from '../../../../src/policy/model/dns-server.ts';
import type { Policy } from '../../../../src/policy/model/policy.ts';
import type { ClusterSnapshot } from '../../../../src/policy/model/snapshot.ts';
import { offlineSnapshot } from '../../../../src/policy/offline-snapshot.ts';
import { addressesOf } from '../../../../src/sets/cidr.ts';
import { LabelSelector } from '../../../../src/sets/label-selector.ts';
import { allowDns, BOTH_53, policy, SETTINGS, summary, TO_DNS } from '../fixtures.ts';

const KUBE_DNS: DnsPods = {
  kind: 'pods',
  name: 'kube-system/kube-dns',
  namespaces: LabelSelector.of(new Map([['kubernetes.io/metadata.name', 'kube-system']])),
  namespace: 'kube-system',
  pods: LabelSelector.of(new Map([['k8s-app', 'kube-dns']])),
  livePods: [
    new Map([
      ['k8s-app', 'kube-dns'],
      ['pod-template-hash', '5d78c9869d'],
      ['eks.amazonaws.com/component', 'coredns'],
    ]),
  ],
  ports: { udp: [53], tcp: [53], udpNames: ['dns'], tcpNames: ['dns-tcp'] },
  addresses: addressesOf('10.96.0.10/32', '10.244.0.7/32'),
};

const NODE_LOCAL: DnsServer = {
  kind: 'addresses',
  name: 'node-local DNS cache',
  addresses: addressesOf('169.254.20.10/32'),
  blocks: ['169.254.20.10/32'],
  ports: { udp: [53], tcp: [53], udpNames: [], tcpNames: [] },
  trusted: false,
};

function live(stored: readonly Policy[], servers: readonly DnsServer[] = [KUBE_DNS]): ClusterSnapshot {
  const offline = offlineSnapshot({ namespaces: [], policies: stored, otherPolicies: [] }, SETTINGS);
  const labels = new Map([['kubernetes.io/metadata.name', 'kube-system']]);
  const namespace = (name: string) => ({ name, labels, labelsKnown: true, terminating: false });
  return { ...offline, namespace, dns: dnsFacts(SETTINGS, servers, { get: namespace, values: () => [] }) };
}

function judge(after: Policy, stored: readonly Policy[] = [], servers?: readonly DnsServer[]) {
  const change = { operation: 'CREATE' as const, namespace: after.ref.namespace, after };
  return evaluate(change, live(stored, servers), SETTINGS, 0);
}

const carveOut = (peer: unknown, ports: readonly unknown[] = BOTH_53) =>
  policy('allow-dns', { podSelector: {}, policyTypes: ['Egress'], egress: [{ to: [peer], ports }] });

describe('with discovery, the live DNS servers decide', () => {
  it('refuses port 53 where the containers listen on 8053', () => {
    const gardener = { ...KUBE_DNS, ports: { ...KUBE_DNS.ports, udp: [8053], tcp: [8053] } };
    const verdict = judge(allowDns(), [], [gardener]);
    expect(summary(verdict)).toEqual(['dns-blocked deny', 'dns-peer-matches-nothing warn']);
    expect(verdict.findings[0]?.why).toContain('UDP and TCP 8053');
  });

  it('judges a policy anew where the DNS servers have changed since', () => {
    const gardener = { ...KUBE_DNS, ports: { ...KUBE_DNS.ports, udp: [8053], tcp: [8053] } };
    const same = allowDns();
    expect([[KUBE_DNS], [gardener], [KUBE_DNS]].map((servers) => judge(same, [], servers).denied)).toEqual([
      false,
      true,
      false,
    ]);
  });

  it('counts a named port that the DNS pods have', () => {
    const ports = [
      { protocol: 'UDP', port: 'dns' },
      { protocol: 'TCP', port: 'dns-tcp' },
    ];
    expect(summary(judge(carveOut(TO_DNS[0], ports)))).toEqual([]);
    const oneName = [
      { protocol: 'UDP', port: 'dns' },
      { protocol: 'TCP', port: 'dns' },
    ];
    const verdict = judge(carveOut(TO_DNS[0], oneName));
    expect(summary(verdict)).toEqual(['dns-over-tcp-blocked warn']);
    expect(verdict.findings[0]?.why).toContain('the DNS pods call their TCP port dns-tcp');
  });

  it('does not rely on a label of the pods that the Service does not select by', () => {
    const peer = {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
      podSelector: { matchLabels: { 'eks.amazonaws.com/component': 'coredns' } },
    };
    expect(summary(judge(carveOut(peer)))).toEqual(['dns-depends-on-cni warn']);
  });

  it('refuses a label that no DNS pod carries', () => {
    const peer = {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
      podSelector: { matchLabels: { 'k8s-app': 'coredns' } },
    };
    const verdict = judge(carveOut(peer));
    expect(summary(verdict)).toEqual(['dns-blocked deny', 'dns-peer-matches-nothing warn']);
    expect(verdict.findings[0]?.why).toContain('selects pods k8s-app=coredns, but the DNS pods are k8s-app=kube-dns');
  });

  it('tells a block that holds a DNS address from one that does not', () => {
    expect(summary(judge(carveOut({ ipBlock: { cidr: '10.96.0.0/12' } })))).toEqual(['dns-depends-on-cni warn']);
    expect(summary(judge(carveOut({ ipBlock: { cidr: '10.96.0.99/32' } })))).toEqual(['dns-blocked deny']);
    expect(summary(judge(carveOut({ ipBlock: { cidr: '0.0.0.0/0', except: ['10.0.0.0/8'] } })))).toEqual([
      'dns-blocked deny',
      'dns-open-to-anywhere deny',
    ]);
  });

  it('takes a block for a discovered node-local cache as depending on the plugin', () => {
    expect(summary(judge(carveOut({ ipBlock: { cidr: '169.254.20.10/32' } }), [], [KUBE_DNS, NODE_LOCAL]))).toEqual([
      'dns-depends-on-cni warn',
    ]);
  });

  it('takes no address of cluster DNS for one outside the cluster, also where it is a public one', () => {
    const autopilot = { ...KUBE_DNS, addresses: addressesOf('34.118.224.10/32') };
    const after = policy('allow-dns', {
      podSelector: {},
      policyTypes: ['Egress'],
      egress: [{ to: [...TO_DNS, { ipBlock: { cidr: '34.118.224.10/32' } }], ports: BOTH_53 }],
    });
    expect(summary(judge(after, [], [autopilot]))).toEqual([]);
    expect(summary(judge(after))).toEqual(['dns-open-to-outside-resolver warn']);
  });

  it('takes a block for a configured resolver as the right way', () => {
    expect(
      summary(judge(carveOut({ ipBlock: { cidr: '169.254.20.10/32' } }), [], [{ ...NODE_LOCAL, trusted: true }])),
    ).toEqual([]);
  });
});

describe('what the operator says of the resolvers', () => {
  const trusted = { ...NODE_LOCAL, trusted: true };
  const settings = { ...SETTINGS, dns: { ...SETTINGS.dns, servers: [trusted] } };
  const known = { get: () => undefined, values: () => [] };
  const namesIn = ({ worlds }: ReturnType<typeof dnsFacts>) =>
    worlds.map(({ servers }) => servers.map(({ name }) => name));

  it('counts instead of discovered pods, but for caches, wherever these run', () => {
    const cache = { ...KUBE_DNS, name: 'kube-system/node-local-dns', isCache: true };
    const facts = dnsFacts(settings, [KUBE_DNS, cache, NODE_LOCAL], known);
    expect(namesIn(facts)).toEqual([['node-local DNS cache', 'kube-system/node-local-dns', 'node-local DNS cache']]);
  });

  it('counts whatever nameserver pods are given', () => {
    expect(dnsFacts(SETTINGS, [KUBE_DNS], known, '10.0.0.53').mismatch).toBe('10.0.0.53');
    expect(dnsFacts(settings, [KUBE_DNS], known, '10.0.0.53')).not.toHaveProperty('mismatch');
  });
});

describe('a cache in pods of its own', () => {
  const CACHE: DnsPods = {
    ...KUBE_DNS,
    name: 'kube-system/node-local-dns',
    pods: LabelSelector.of(new Map([['k8s-app', 'node-local-dns']])),
    livePods: [new Map([['k8s-app', 'node-local-dns']])],
    addresses: addressesOf('10.244.0.9/32'),
    isCache: true,
  };
  const [KUBE_DNS_PEER] = TO_DNS;
  const CACHE_PEER = { ...KUBE_DNS_PEER, podSelector: { matchLabels: { 'k8s-app': 'node-local-dns' } } };
  const found = [KUBE_DNS, CACHE];

  it('is a way to DNS like any other', () => {
    expect(summary(judge(carveOut(CACHE_PEER), [], found))).toEqual([]);
  });

  it('may be the only one, which kube-dns by itself leaves uncertain', () => {
    const verdict = judge(carveOut(KUBE_DNS_PEER), [], found);
    expect(summary(verdict)).toEqual(['dns-blocked warn?']);
    expect(verdict.findings[0]).toMatchObject({
      uncertain: 'it depends on whether lookups are redirected to the pods of NodeLocal DNSCache',
    });
    expect(JSON.stringify(verdict.findings[0]?.fix.steps)).toContain('node-local-dns');
    const beside = policy('cache', {
      podSelector: {},
      policyTypes: ['Egress'],
      egress: [{ to: [CACHE_PEER], ports: BOTH_53 }],
    });
    expect(summary(judge(carveOut(KUBE_DNS_PEER), [beside], found))).toEqual([]);
  });

  it('is not asked for where the operator says who cluster DNS is', () => {
    const settings = { ...SETTINGS, dns: { ...SETTINGS.dns, servers: [KUBE_DNS] } };
    const dns = dnsFacts(settings, found, { get: () => undefined, values: () => [] });
    const change = { operation: 'CREATE' as const, namespace: 'shop', after: carveOut(KUBE_DNS_PEER) };
    expect(summary(evaluate(change, { ...live([]), dns }, settings, 0))).toEqual([]);
  });
});

describe('where no resolver is known', () => {
  it('whoever a rule for DNS names may be it, and nothing else is', () => {
    const elsewhere = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'dns' } } };
    const verdict = judge(carveOut(elsewhere), [], []);
    expect(summary(verdict)).toEqual(['dns-blocked warn?', 'dns-peer-matches-nothing warn?']);
    expect(verdict.findings.map(({ uncertain }) => uncertain)).toEqual([
      'no cluster DNS was found',
      'no cluster DNS was found',
    ]);
    expect(summary(judge(carveOut({ ipBlock: { cidr: '172.20.0.10/32' } }), [], []))).toEqual([
      'dns-depends-on-cni warn',
    ]);
    const [refused] = judge(carveOut(elsewhere, [{ protocol: 'TCP', port: 443 }]), [], []).findings;
    expect(refused).toMatchObject({ rule: 'dns-blocked', effect: 'deny' });
    expect(refused?.why).toContain('kube-system/kube-dns');
    expect(refused?.why).toContain('No cluster DNS was found here, so netpol-guard assumes the usual one.');
  });
});

describe('where pods are given another nameserver than those found', () => {
  it('a policy that names it may be right', () => {
    const change = {
      operation: 'CREATE' as const,
      namespace: 'shop',
      after: carveOut({ ipBlock: { cidr: '169.254.169.254/32' } }),
    };
    const dnsWith = (mismatch?: string) =>
      dnsFacts(SETTINGS, [KUBE_DNS], { get: () => undefined, values: () => [] }, mismatch);
    const verdictOn = (mismatch?: string) =>
      summary(evaluate(change, { ...live([]), dns: dnsWith(mismatch) }, SETTINGS, 0));
    expect(verdictOn()).toEqual(['dns-blocked deny']);
    expect(verdictOn('169.254.169.254')).toEqual(['dns-depends-on-cni warn']);
  });
});

describe('the DNS servers themselves', () => {
  const inSystem = (name: string, spec: Record<string, unknown>) => policy(name, spec, 'kube-system');
  const open = inSystem('allow-dns', {
    podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
    policyTypes: ['Ingress'],
    ingress: [{ ports: BOTH_53 }],
  });

  it('may not be isolated without everyone being let in', () => {
    const after = inSystem('deny', { podSelector: {}, policyTypes: ['Ingress'] });
    expect(summary(judge(after))).toEqual(['dns-servers-isolated deny']);
    expect(summary(judge(after, [open]))).toEqual([]);
  });

  it('may be opened to every namespace by selectors that add up', () => {
    const from = [
      { namespaceSelector: { matchExpressions: [{ key: 'team', operator: 'Exists' }] } },
      { namespaceSelector: { matchExpressions: [{ key: 'team', operator: 'DoesNotExist' }] } },
    ];
    const spec = { podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } }, policyTypes: ['Ingress'] };
    expect(summary(judge(inSystem('a', { ...spec, ingress: [{ from, ports: BOTH_53 }] })))).toEqual([]);
    const verdict = judge(inSystem('a', { ...spec, ingress: [{ from: from.slice(0, 1), ports: BOTH_53 }] }));
    expect(summary(verdict)).toEqual(['dns-servers-isolated deny']);
  });

  it('says over which protocol', () => {
    const after = inSystem('a', {
      podSelector: {},
      policyTypes: ['Ingress'],
      ingress: [{ ports: [{ protocol: 'UDP', port: 53 }] }],
    });
    const verdict = judge(after);
    expect(verdict.findings[0]?.why).toContain('reach them over TCP');
  });

  it('must be able to ask upstream', () => {
    const spec = { podSelector: {}, policyTypes: ['Egress'] };
    expect(summary(judge(inSystem('deny', spec)))).toEqual(['dns-servers-isolated deny']);
    expect(summary(judge(inSystem('ask', { ...spec, egress: [{ ports: BOTH_53 }] })))).toEqual([]);
  });

  it('are no business of a policy that does not select them', () => {
    const spec = { podSelector: { matchLabels: { 'k8s-app': 'metrics-server' } }, policyTypes: ['Ingress', 'Egress'] };
    expect(summary(judge(inSystem('metrics', spec)))).toEqual([]);
  });

  it('may lose nothing when a policy that lets clients in is deleted', () => {
    const stored = [open, inSystem('deny', { podSelector: {}, policyTypes: ['Ingress'] })];
    const change = { operation: 'DELETE' as const, namespace: 'kube-system', before: open };
    expect(summary(evaluate(change, live(stored), SETTINGS, 0))).toEqual(['dns-servers-isolated warn']);
    const alone = { ...change, before: stored[1] as Policy };
    expect(summary(evaluate(alone, live(stored), SETTINGS, 0))).toEqual([]);
  });
});
