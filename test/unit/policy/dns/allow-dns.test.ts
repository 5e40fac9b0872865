import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { blockYaml } from '../../../../src/objects/block-yaml.ts';
import { readNetworkPolicy } from '../../../../src/policy/dialects/network-policy/network-policy.ts';
import { specText } from '../../../../src/policy/dialects/network-policy/spec-text.ts';
import { dnsPolicy, dnsPortsText } from '../../../../src/policy/dns/allow-dns.ts';
import { DNS_PRESETS } from '../../../../src/policy/dns/presets.ts';
import { DnsReach } from '../../../../src/policy/dns/reach.ts';
import type { DnsPods, DnsServer } from '../../../../src/policy/model/dns-server.ts';
import type { DnsFacts } from '../../../../src/policy/model/snapshot.ts';
import { allowDnsSpec } from '../../../../src/policy/templates/parts.ts';
import { AddressSet } from '../../../../src/sets/address-set.ts';
import { addressesOf } from '../../../../src/sets/cidr.ts';
import { LabelSelector } from '../../../../src/sets/label-selector.ts';
import { selector } from '../../sets/arbitraries.ts';

function factsOf(servers: readonly DnsServer[]): DnsFacts {
  const worlds = [{ name: 'test', servers }];
  return { worlds, namespaces: new Map(), blockAddresses: AddressSet.empty, discovered: true, isKnown: true };
}

/** The policy to paste, as lines of YAML. */
function linesOf(servers: readonly DnsServer[], pods = LabelSelector.everything): readonly string[] {
  return blockYaml(dnsPolicy('shop', 'allow-dns', pods, { name: 'test', servers }));
}

/** The same, as it is read. */
function pasted(
  servers: readonly DnsServer[],
  pods?: LabelSelector,
): { readonly metadata: unknown; readonly spec: object } {
  return parse(linesOf(servers, pods).join('\n')) as ReturnType<typeof pasted>;
}

const PODS: DnsPods = {
  kind: 'pods',
  name: 'dns',
  namespaces: LabelSelector.everything,
  pods: LabelSelector.of(new Map([['app', 'dns']])),
  ports: { udp: [53], tcp: [53], udpNames: ['dns'], tcpNames: ['dns-tcp'] },
  addresses: AddressSet.empty,
};

const picking = selector.filter(({ isEmpty }) => !isEmpty);
const ports = fc.constantFrom<DnsServer['ports']>(
  PODS.ports,
  { ...PODS.ports, udp: [5353], tcp: [5353] },
  { ...PODS.ports, tcp: [], tcpNames: [] },
  { udp: [], tcp: [], udpNames: ['dns'], tcpNames: ['dns-tcp'] },
);
const byPods = fc
  .record({ namespaces: picking, pods: picking, ports })
  .map((parts): DnsServer => ({ ...PODS, ...parts }));
const byAddress = fc.constantFrom('169.254.20.10/32', 'fd00::a/128').map(
  (block): DnsServer => ({
    kind: 'addresses',
    name: block,
    addresses: addressesOf(block),
    blocks: [block],
    ports: PODS.ports,
    trusted: true,
  }),
);
const servers = fc.array(fc.oneof(byPods, byAddress), { minLength: 1, maxLength: 4 });

describe('the policy to paste', () => {
  it('says what the baseline would', () => {
    fc.assert(
      fc.property(servers, (some) => specText(pasted(some).spec) === specText(allowDnsSpec(factsOf(some), {}))),
    );
  });

  it('says the same in whatever order the servers were found', () => {
    fc.assert(
      fc.property(servers, fc.infiniteStream(fc.nat()), (some, keys) => {
        const ordered = some.map((server) => [keys.next().value, server] as const).sort(([a], [b]) => a - b);
        const shuffled = ordered.map(([, server]) => server);
        expect(specText(allowDnsSpec(factsOf(shuffled), {}))).toBe(specText(allowDnsSpec(factsOf(some), {})));
      }),
    );
  });

  it('names servers once that several Services lead to', () => {
    const both = [PODS, { ...PODS, name: 'another Service' }];
    expect(allowDnsSpec(factsOf(both), {})).toEqual(allowDnsSpec(factsOf([PODS]), {}));
  });

  it('lets pods reach each of the servers over each protocol that it speaks', () => {
    fc.assert(
      fc.property(servers, (some) => {
        const policy = readNetworkPolicy({ metadata: { name: 'p' }, spec: pasted(some).spec }, 'shop');
        for (const server of some) {
          const reach = new DnsReach({ name: 'test', servers: [server] }, factsOf([server]), [53]).of(policy);
          expect(reach.UDP).toBe('yes');
          if (server.ports.tcp.length + server.ports.tcpNames.length > 0) expect(reach.TCP).toBe('yes');
        }
      }),
    );
  });

  it.each([...DNS_PRESETS])('is one rule for the preset %s', (_, some) => {
    expect(pasted(some)).toMatchObject({ metadata: { name: 'allow-dns', namespace: 'shop' } });
    expect(pasted(some).spec).toHaveProperty('egress.length', 1);
  });

  it('opens no server further than it serves', () => {
    const lines = linesOf([
      { ...PODS, namespace: 'kube-system' },
      { ...PODS, namespace: 'dns', ports: { ...PODS.ports, udp: [5353], tcp: [5353] } },
    ]);
    expect(lines.slice(lines.indexOf('  egress:')).join('\n')).toBe(`  egress:
    - to:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: dns
          podSelector:
            matchLabels:
              app: dns
      ports:
        - port: 5353
          protocol: UDP
        - port: 5353
          protocol: TCP
    - to:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: kube-system
          podSelector:
            matchLabels:
              app: dns
      ports:
        - port: 53
          protocol: UDP
        - port: 53
          protocol: TCP`);
  });

  it('keeps the expressions of a configured selector', () => {
    const pods = LabelSelector.of(new Map([['tier', 'on']]), [
      { key: 'app', operator: 'In', values: ['coredns', 'unbound'] },
      { key: 'canary', operator: 'DoesNotExist', values: [] },
    ]);
    expect(pasted([{ ...PODS, pods }]).spec).toHaveProperty('egress[0].to[0].podSelector', {
      matchLabels: { tier: 'on' },
      matchExpressions: [
        { key: 'app', operator: 'In', values: ['coredns', 'unbound'] },
        { key: 'canary', operator: 'DoesNotExist' },
      ],
    });
    // What YAML 1.1 would read as a boolean.
    expect(linesOf([{ ...PODS, pods }])).toContain('              tier: "on"');
  });

  it('selects the pods that are cut off, and no others', () => {
    fc.assert(
      fc.property(picking, (pods) => {
        const policy = readNetworkPolicy({ metadata: { name: 'p' }, spec: pasted([PODS], pods).spec }, 'shop');
        expect(policy.subject.isSubset(pods) && pods.isSubset(policy.subject)).toBe(true);
        expect([policy.isolatesEgress, policy.isolatesIngress]).toEqual([true, false]);
      }),
    );
  });

  it('names the ports of pods whose numbers nobody gave', () => {
    const named = { ...PODS, ports: { udp: [], tcp: [], udpNames: ['dns'], tcpNames: ['dns-tcp'] } };
    expect(dnsPortsText({ name: 'test', servers: [named] })).toBe('UDP dns and TCP dns-tcp');
    expect(pasted([named]).spec).toHaveProperty('egress[0].ports', [
      { protocol: 'UDP', port: 'dns' },
      { protocol: 'TCP', port: 'dns-tcp' },
    ]);
  });
});
