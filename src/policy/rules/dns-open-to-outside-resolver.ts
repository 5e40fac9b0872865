import { AddressSet } from '../../sets/address-set.ts';
import { openers } from '../anywhere.ts';
import { describePeer, listOf } from '../describe.ts';
import { DNS_PROTOCOLS } from '../dns-reach.ts';
import { isGranted } from '../grants.ts';
import { type Aim, type InternetRule, internetRules, openAddresses } from '../openings.ts';
import { isReported } from '../reported-openings.ts';
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
      const aims = aimsOf(situation, open).filter((aim) => !restAfterAllowed(situation, open, aim).isEmpty);
      if (aims.length === 0) return [];
      const ports = listOf(aims.map(({ protocol, port }) => `${protocol} ${port}`));
      const peers = open.rule.peers === 'any' ? [] : open.rule.peers.filter((peer) => peer.kind === 'addresses');
      return [
        {
          path: open.rule.path,
          message: `opens ${ports} to ${listOf(peers.map(describePeer))}, outside the cluster`,
          fix: {
            description:
              'remove the block so that pods ask cluster DNS, or have the operator add it to `dns.allowedResolvers`',
          },
          blamed: aims.some((aim) => isNew(situation, restAfterAllowed(situation, open, aim), aim)),
        },
      ];
    });
  },
});

function aimsOf(situation: Situation, open: InternetRule): readonly Aim[] {
  return DNS_PROTOCOLS.flatMap((protocol) =>
    situation.settings.dns.ports
      .filter((port) => open.rule.ports.has(protocol, port) && !isReported(situation, open, protocol, port))
      .map((port) => ({ protocol, port })),
  );
}

/** What is left of the public addresses once the resolvers that the operator named are taken away. */
function restAfterAllowed({ settings, snapshot }: Situation, open: InternetRule, aim: Aim): AddressSet {
  const trusted = snapshot.dns.worlds
    .flatMap((world) => world.servers)
    .flatMap((server) => (server.kind === 'addresses' && server.trusted ? [server.addresses] : []));
  return openAddresses([open], aim).subtract(AddressSet.unionAll([settings.dns.allowedResolvers, ...trusted]));
}

function isNew({ change, before, policy, settings }: Situation, addresses: AddressSet, aim: Aim): boolean {
  if (change.operation === 'AUDIT' || policy === undefined) return true;
  const grants = [...before.selecting(openers(settings, aim), policy.subject)].map((other) => ({
    subject: other.subject,
    addresses: openAddresses(internetRules(other), aim),
  }));
  return !isGranted(policy.subject, addresses, grants);
}
