import { AddressSet } from '../../sets/address-set.ts';
import { isBlamed } from '../anywhere.ts';
import { describePeer, listOf } from '../describe.ts';
import { DNS_PROTOCOLS } from '../dns-reach.ts';
import { type Aim, FAMILIES, type InternetRule, internetRules, openAddresses } from '../openings.ts';
import { reportedAddresses } from '../reported-openings.ts';
import { defineRule } from '../rule.ts';
import type { Situation } from '../situation.ts';

export const dnsOpenToOutsideResolver = defineRule({
  id: 'dns-open-to-outside-resolver',
  title: 'Port 53 open to a resolver outside the cluster',
  level: 'strict',
  docs: {
    why: `A public resolver answers for every domain, an attacker's too, and nobody in the cluster sees the questions. Pods that ask it
also cannot resolve Services. If a workload needs one, say so once, in the configuration: \`dns.allowedResolvers\`.`,
    bad: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: allow-dns
  namespace: shop
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress:
    - to:
        - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}
          podSelector: {matchLabels: {k8s-app: kube-dns}}
        - ipBlock: {cidr: 8.8.8.8/32}
      ports:
        - {protocol: UDP, port: 53}
        - {protocol: TCP, port: 53}
`,
    good: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: allow-dns
  namespace: shop
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress:
    - to:
        - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}
          podSelector: {matchLabels: {k8s-app: kube-dns}}
      ports:
        - {protocol: UDP, port: 53}
        - {protocol: TCP, port: 53}
`,
    references: ['https://attack.mitre.org/techniques/T1572/'],
  },
  check(situation) {
    const { policy } = situation;
    if (policy === undefined) return [];
    return internetRules(policy).flatMap((open) => {
      const outside = aimsOf(situation, open).filter(({ addresses }) => !addresses.isEmpty);
      if (outside.length === 0) return [];
      const ports = listOf([...new Set(outside.map(({ aim }) => `${aim.protocol} ${aim.port}`))]);
      const peers = open.rule.peers === 'any' ? [] : open.rule.peers.filter((peer) => peer.kind === 'addresses');
      return [
        {
          path: open.rule.path,
          message: `opens ${ports} to ${listOf(peers.map(describePeer))}, outside the cluster`,
          fix: {
            description:
              'remove the block so that pods ask cluster DNS, or have the operator add it to `dns.allowedResolvers`',
          },
          blamed: outside.some(({ aim, except }) => isBlamed(situation, [open], aim, except)),
        },
      ];
    });
  },
});

interface Outside {
  readonly aim: Aim;
  /** Resolvers that the operator named, and what another rule reports. */
  readonly except: AddressSet;
  /** What the rule opens besides. */
  readonly addresses: AddressSet;
}

function aimsOf(situation: Situation, open: InternetRule): readonly Outside[] {
  const { settings, snapshot } = situation;
  const trusted = snapshot.dns.worlds
    .flatMap((world) => world.servers)
    .flatMap((server) => (server.kind === 'addresses' && server.trusted ? [server.addresses] : []));
  return DNS_PROTOCOLS.flatMap((protocol) =>
    settings.dns.ports.flatMap((port) => {
      if (!open.rule.ports.has(protocol, port)) return [];
      const reported = reportedAddresses(situation, protocol, port);
      const except = AddressSet.unionAll([settings.dns.allowedResolvers, reported, ...trusted]);
      return FAMILIES.map((family) => {
        const aim: Aim = { protocol, port, family };
        return { aim, except, addresses: openAddresses([open], aim).subtract(except) };
      });
    }),
  );
}
