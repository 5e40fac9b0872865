import { AddressSet } from '../../sets/address-set.ts';
import { publicPart } from '../../sets/globally-routable.ts';
import { pinnedDns } from '../dns/dns-fix.ts';
import { DNS_PROTOCOLS } from '../dns/reach.ts';
import { isAboutDns } from '../dns/vocabulary.ts';
import { describeAddresses, describePeer, listOf } from '../model/describe.ts';
import { type Edit, type Fix, fixOf } from '../model/fix.ts';
import type { AllowRule, Peer, Policy } from '../model/policy.ts';
import { isBlamed } from '../openings/blame.ts';
import {
  aimsAt,
  FAMILIES,
  type InternetRule,
  internetRules,
  type NumberAim,
  policyAddresses,
} from '../openings/internet-rules.ts';
import { reportedAddresses } from '../openings/reported.ts';
import { defineRule } from '../situation/rule.ts';
import type { Situation } from '../situation/situation.ts';

export const dnsOpenToOutsideResolver = defineRule({
  id: 'dns-open-to-outside-resolver',
  since: 'v0.1',
  title: 'Port 53 open to a resolver outside the cluster',
  level: 'strict',
  security: 5.5,
  turn: 'first',
  docs: {
    why: `A public resolver answers for every domain, including an attacker's, and no one in the cluster sees the queries. Pods that
ask it also cannot resolve Services. If a workload needs such a resolver, list it in the configuration under
\`dns.allowedResolvers\`.`,
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
  *check(situation) {
    const { policy } = situation;
    if (policy === undefined || internetRules(policy).length === 0) return;
    const outside = outsideResolvers(situation, policy);
    for (const open of internetRules(policy)) {
      const opened = outside.filter(({ aim, addresses }) => aimsAt(open, aim) && open.addresses.intersects(addresses));
      if (opened.length === 0) continue;
      const ports = listOf([...new Set(opened.map(({ aim }) => `${aim.protocol} ${aim.port}`))]);
      const addresses = opened.map((outsiders) => outsiders.addresses);
      const opens = `${open.rule.path} opens ${ports} to ${describeOutside(open, addresses)}, outside the cluster`;
      yield {
        path: open.rule.path,
        headline: 'opens port 53 to an outside resolver',
        why: `${opens}. Cluster DNS does not see what pods ask there, and an outside resolver knows no Services.`,
        short: opens,
        fix: remedy(open.rule, policy, addresses, situation),
        blamed: opened.some(({ aim, addresses }) =>
          isBlamed(situation, { rules: [open], aim, pods: policy.subject }, addresses),
        ),
      };
    }
  },
});

function describeOutside({ rule, addresses: own }: InternetRule, outside: readonly AddressSet[]): string {
  if (rule.peers === 'any') return describeAddresses(AddressSet.unionAll(outside).intersect(own));
  return listOf(rule.peers.filter((peer) => isOutside(peer, outside)).map(describePeer));
}

/** Without its last peer a rule would reach everywhere, so then it names cluster DNS. */
function remedy(
  rule: AllowRule,
  policy: Policy,
  outside: readonly AddressSet[],
  { vocabulary, reaches }: Situation,
): Fix {
  const [reach] = reaches;
  const peers = rule.peers === 'any' ? [] : rule.peers;
  const foreign = peers.filter((peer) => isOutside(peer, outside));
  const trust = 'or ask your platform team for an entry in dns.allowedResolvers';
  if (reach !== undefined && (!isAboutDns(rule, vocabulary) || foreign.length === peers.length)) {
    const { steps } = pinnedDns(rule, policy, { reach, world: reach.world }, vocabulary);
    const [first, ...others] = steps;
    return { steps: [{ ...first, text: `${first.text}, ${trust}` }, ...others] };
  }
  const edits = foreign.map(({ path }): Edit => ({ kind: 'remove', path }));
  return fixOf(`Remove ${listOf(foreign.map(({ path }) => path))}, ${trust}`, ...edits);
}

function isOutside(peer: Peer, outside: readonly AddressSet[]): boolean {
  if (peer.kind !== 'addresses') return false;
  // IPv4 embeds nothing, and there may be thousands of peers.
  const addresses = peer.addresses.v6.isEmpty ? peer.addresses : publicPart(peer.addresses);
  return outside.some((others) => addresses.intersects(others));
}

interface Outside {
  readonly aim: NumberAim;
  /** What the policy opens, except cluster DNS, resolvers that the operator named and what another rule reports. */
  readonly addresses: AddressSet;
}

function outsideResolvers(situation: Situation, policy: Policy): readonly Outside[] {
  const { settings, snapshot, budget } = situation;
  // A Service's range may be of public addresses (GKE Autopilot's is), and so may the nodes' be.
  const clusterDns = snapshot.dns.worlds.flatMap(({ servers }) => servers.map(({ addresses }) => addresses));
  return DNS_PROTOCOLS.flatMap((protocol) =>
    settings.dns.ports.flatMap((port) =>
      FAMILIES.map((family) => {
        const aim: NumberAim = { protocol, port, family };
        const except = [settings.dns.allowedResolvers, reportedAddresses(situation, aim), ...clusterDns];
        return { aim, addresses: policyAddresses(policy, aim, budget).subtract(AddressSet.unionAll(except)) };
      }),
    ),
  );
}
