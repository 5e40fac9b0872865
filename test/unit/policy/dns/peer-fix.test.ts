import { describe, expect, it } from 'vitest';
import { namesOnlyDns } from '../../../../src/policy/dns/only-dns.ts';
import { correctedPeer, correctedPorts, twinOf } from '../../../../src/policy/dns/peer-fix.ts';
import { DNS_PRESETS } from '../../../../src/policy/dns/presets.ts';
import { DnsReach } from '../../../../src/policy/dns/reach.ts';
import { dnsVocabulary } from '../../../../src/policy/dns/vocabulary.ts';
import type { DnsServer } from '../../../../src/policy/model/dns-server.ts';
import { AddressSet } from '../../../../src/sets/address-set.ts';
import { BOTH_53, policy, type Spec, TO_DNS } from '../fixtures.ts';

const [DNS] = TO_DNS as [(typeof TO_DNS)[number]];
const [IN_KUBE_SYSTEM, DNS_PODS] = [
  { namespaceSelector: DNS.namespaceSelector },
  { podSelector: DNS.podSelector },
] as const;
const BY_NAME = { namespaceSelector: { matchLabels: { name: 'kube-system' } }, ...DNS_PODS };
const EVERY_NAMESPACE = { namespaceSelector: {} };
const [KUBE_DNS, OPENSHIFT] = ['kube-dns', 'openshift'].map((name) => DNS_PRESETS.get(name) ?? []) as [
  readonly DnsServer[],
  readonly DnsServer[],
];

/** A rule of namespace shop, and DNS as it is there. */
function given(rule: Spec, servers = KUBE_DNS) {
  const [only] = policy('web', { podSelector: {}, policyTypes: ['Egress'], egress: [rule] }).egress;
  if (only === undefined || only.peers === 'any') throw new Error('there is no rule with peers');
  const worlds = [{ name: 'test', servers }];
  const facts = { worlds, namespaces: new Map(), blockAddresses: AddressSet.empty, discovered: true, isKnown: true };
  const reach = new DnsReach({ name: 'test', servers }, facts, [53]);
  return {
    rule: only,
    peers: only.peers,
    namespace: 'shop',
    reach,
    world: reach.world,
    vocabulary: dnsVocabulary(worlds, [53]),
  };
}

/** What is written in place of the peer at this place of `to`. */
function corrected(at: number, rule: Spec, servers?: readonly DnsServer[]) {
  const { peers, vocabulary, ...fault } = given(rule, servers);
  const peer = peers[at];
  if (peer === undefined) throw new Error('there is no such peer');
  return correctedPeer({ ...fault, peer }, vocabulary);
}

describe('a peer that is no DNS server', () => {
  it('is joined with its other half, wherever in the list that is', () => {
    expect(corrected(1, { to: [IN_KUBE_SYSTEM, DNS_PODS], ports: BOTH_53 })).toEqual({
      steps: [
        {
          text: 'Join to[1] into spec.egress[0].to[0]',
          edits: [
            { kind: 'set', path: 'spec.egress[0].to[0]', value: DNS },
            { kind: 'remove', path: 'spec.egress[0].to[1]' },
          ],
        },
      ],
      isCertain: true,
    });
    expect(corrected(0, { to: [DNS_PODS, IN_KUBE_SYSTEM], ports: BOTH_53 })?.steps[0].edits).toEqual([
      { kind: 'set', path: 'spec.egress[0].to[1]', value: DNS },
      { kind: 'remove', path: 'spec.egress[0].to[0]' },
    ]);
  });

  it('gets the label that the namespace really has, and that is certain', () => {
    expect(corrected(0, { to: [BY_NAME], ports: BOTH_53 })).toEqual({
      steps: [
        {
          text: 'Name cluster DNS in spec.egress[0].to[0]',
          edits: [{ kind: 'set', path: 'spec.egress[0].to[0]', value: DNS }],
        },
      ],
      isCertain: true,
    });
  });

  it('is a guess where other labels or pods are named', () => {
    const coredns = { ...IN_KUBE_SYSTEM, podSelector: { matchLabels: { 'k8s-app': 'coredns' } } };
    const other = { namespaceSelector: { matchLabels: { name: 'dns' } }, ...DNS_PODS };
    for (const peer of [coredns, other, DNS_PODS, EVERY_NAMESPACE]) {
      const fix = corrected(0, { to: [peer], ports: BOTH_53 });
      expect(fix?.steps[0].edits).toEqual([{ kind: 'set', path: 'spec.egress[0].to[0]', value: DNS }]);
      expect(fix?.isCertain).toBe(false);
    }
  });

  it('gets every server where there are several', () => {
    const [kubeDns, openshift] = [KUBE_DNS[0], OPENSHIFT[0]] as [DnsServer, DnsServer];
    const on53 = { ...openshift, ports: kubeDns.ports };
    const fix = corrected(0, { to: [BY_NAME], ports: BOTH_53 }, [kubeDns, on53]);
    expect(fix?.steps.map(({ edits }) => edits)).toMatchObject([
      [{ kind: 'set', path: 'spec.egress[0].to[0]', value: DNS }],
      [{ kind: 'add', path: 'spec.egress[0].to', items: [{ namespaceSelector: expect.anything() }] }],
    ]);
    expect(fix?.isCertain).toBe(false);
  });

  it.each<[string, Spec, (readonly DnsServer[])?]>([
    ['the rule opens other ports too', { to: [DNS_PODS], ports: [...BOTH_53, { port: 443 }] }],
    ['the rule opens every port', { to: [DNS_PODS] }],
    ['the servers listen on another port', { to: [DNS_PODS, { podSelector: {} }], ports: BOTH_53 }, OPENSHIFT],
    ['the rule lacks one of the protocols', { to: [DNS_PODS, { podSelector: {} }], ports: BOTH_53.slice(0, 1) }],
    ['nobody knows the servers', { to: [DNS_PODS], ports: BOTH_53 }, []],
  ])('is left to its author where %s', (_, rule, servers) => {
    expect(corrected(0, rule, servers)).toBeUndefined();
  });

  it('gets the ports too where it is the only one', () => {
    const fix = corrected(0, { to: [DNS_PODS], ports: BOTH_53.slice(0, 1) });
    expect(fix?.steps[0].edits).toMatchObject([
      { kind: 'set', path: 'spec.egress[0]', value: { to: [DNS], ports: [{ port: 53 }, { port: 53 }] } },
    ]);
  });
});

describe('the other half of a peer', () => {
  const twin = (to: readonly object[], at: number, servers?: readonly DnsServer[]) => {
    const { peers, ...fault } = given({ to, ports: BOTH_53 }, servers);
    const peer = peers[at];
    return peer && twinOf({ ...fault, peer })?.path;
  };

  it('names its namespace, and no pods', () => {
    expect(twin([IN_KUBE_SYSTEM, DNS_PODS], 1)).toBe('spec.egress[0].to[0]');
    expect(twin([{ ipBlock: { cidr: '10.0.0.0/8' } }, DNS_PODS, IN_KUBE_SYSTEM], 1)).toBe('spec.egress[0].to[2]');
    expect(twin([DNS_PODS, { ...IN_KUBE_SYSTEM, podSelector: { matchLabels: { a: 'b' } } }], 0)).toBeUndefined();
    expect(twin([DNS_PODS, { namespaceSelector: { matchLabels: { team: 'a' } } }], 0)).toBeUndefined();
    expect(twin([DNS_PODS, DNS], 0)).toBeUndefined();
  });

  it('is looked for by one that would name DNS pods there', () => {
    expect(twin([IN_KUBE_SYSTEM, { podSelector: { matchLabels: { app: 'web' } } }], 1)).toBeUndefined();
    expect(twin([IN_KUBE_SYSTEM, DNS_PODS], 0)).toBeUndefined();
    expect(twin([IN_KUBE_SYSTEM, DNS], 1)).toBeUndefined();
    expect(twin([IN_KUBE_SYSTEM, DNS_PODS], 1, [...KUBE_DNS, ...OPENSHIFT])).toBeUndefined();
  });
});

describe('ports on which cluster DNS does not listen', () => {
  const ports = (rule: Spec, servers = OPENSHIFT) => {
    return correctedPorts(given(rule, servers));
  };
  const openshift = {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'openshift-dns' } },
    podSelector: { matchLabels: { 'dns.operator.openshift.io/daemonset-dns': 'default' } },
  };
  const value = [
    { port: 5353, protocol: 'UDP' },
    { port: 5353, protocol: 'TCP' },
  ];

  it('are replaced in a rule for DNS pods', () => {
    expect(ports({ to: [openshift], ports: BOTH_53 })).toEqual({
      steps: [
        {
          text: 'Use the ports of cluster DNS in spec.egress[0]',
          edits: [{ kind: 'set', path: 'spec.egress[0].ports', value }],
        },
      ],
    });
  });

  it('are opened to DNS pods only, where more was named', () => {
    const whole = { namespaceSelector: openshift.namespaceSelector };
    for (const to of [[EVERY_NAMESPACE], [whole], [openshift, EVERY_NAMESPACE]]) {
      expect(ports({ to, ports: BOTH_53 })?.steps[0].edits).toEqual([
        { kind: 'set', path: 'spec.egress[0]', value: { to: [openshift], ports: value } },
      ]);
    }
  });

  it('are left to the author where a peer is meant for something else', () => {
    const database = { podSelector: { matchLabels: { app: 'database' } } };
    expect(ports({ to: [openshift, database], ports: BOTH_53 })).toBeUndefined();
  });
});

describe('a peer is nothing but DNS', () => {
  const only = (peer: object, servers?: readonly DnsServer[]) => {
    const { peers, reach } = given({ to: [peer], ports: BOTH_53 }, servers);
    return peers.map((each) => namesOnlyDns(each, reach));
  };

  it('where it names DNS pods in their namespace, or fewer', () => {
    expect(only(DNS)).toEqual([true]);
    const fewer = { matchLabels: { ...DNS.podSelector.matchLabels, zone: 'a' } };
    expect(only({ ...DNS, podSelector: fewer })).toEqual([true]);
    for (const more of [IN_KUBE_SYSTEM, DNS_PODS, { namespaceSelector: {}, ...DNS_PODS }, BY_NAME]) {
      expect(only(more)).toEqual([false]);
    }
  });

  it('where it is an address of theirs', () => {
    const local = DNS_PRESETS.get('node-local-dns') ?? [];
    const blocks = local.flatMap((server) => (server.kind === 'addresses' ? server.blocks : []));
    expect(blocks.length).toBeGreaterThan(0);
    for (const cidr of blocks) expect(only({ ipBlock: { cidr } }, local)).toEqual([true]);
    expect(only({ ipBlock: { cidr: '169.254.0.0/16' } }, local)).toEqual([false]);
    expect(only({ ipBlock: { cidr: '10.96.0.10/32' } })).toEqual([false]);
  });
});
