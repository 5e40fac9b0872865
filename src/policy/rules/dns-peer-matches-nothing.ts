import { LabelSelector } from '../../sets/label-selector.ts';
import { dnsPortsText } from '../dns/allow-dns.ts';
import { correctedPeer, correctedPorts, twinOf } from '../dns/peer-fix.ts';
import { best, DNS_PROTOCOLS, type DnsReach, type Reach } from '../dns/reach.ts';
import { isAboutDns } from '../dns/vocabulary.ts';
import { peerMiss } from '../gaps/near-miss.ts';
import type { Issue } from '../model/finding.ts';
import { advice } from '../model/fix.ts';
import type { AllowRule, PodPeer } from '../model/policy.ts';
import { defineRule } from '../situation/rule.ts';
import type { Situation } from '../situation/situation.ts';

export const dnsPeerMatchesNothing = defineRule({
  id: 'dns-peer-matches-nothing',
  title: 'A peer of a DNS rule that selects no DNS server',
  level: 'advice',
  docs: {
    why: `A rule for port 53 has a peer that no DNS server matches, so that peer does nothing for lookups. The usual ways there:

- a \`podSelector\` without a \`namespaceSelector\`: it looks in the policy's own namespace alone;
- the two as separate items of the list, which means one OR the other, where both in one item was meant;
- \`namespaceSelector: {name: kube-system}\`: no namespace carries that label unless someone put it there;
- another \`k8s-app\` than the DNS pods carry, such as \`coredns\` where it is \`kube-dns\`;
- port 53 where the servers listen on another one: the port is the container's, 5353 on OpenShift.

Each peer is judged by itself, whether or not another one of the rule works.`,
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
        - podSelector: {matchLabels: {k8s-app: kube-dns}}
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
    references: [
      'https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors',
    ],
  },
  *check(situation) {
    const { policy, change } = situation;
    if (policy === undefined) return;
    const before = change.before?.egress ?? [];
    const known = new Set(podPeers(before).map(keyOf));
    for (const rule of policy.egress) {
      if (rule.peers === 'any' || !isAboutDns(rule, situation.vocabulary)) continue;
      for (const peer of podPeers([rule])) {
        const issue = issueOf(situation, rule, peer, policy.ref.namespace);
        if (issue !== undefined) yield { ...issue, blamed: !known.has(keyOf(peer)) };
      }
    }
  },
});

function podPeers(rules: readonly AllowRule[]): readonly PodPeer[] {
  return rules.flatMap(({ peers }) => (peers === 'any' ? [] : peers.filter((peer) => peer.kind === 'pods')));
}

function issueOf(
  { reaches, vocabulary }: Situation,
  rule: AllowRule,
  peer: PodPeer,
  namespace: string,
): Omit<Issue, 'blamed'> | undefined {
  const { path } = peer;
  const [first] = reaches;
  const reached = reachedBy(reaches, { ...rule, peers: [peer] }, namespace);
  if (first === undefined || reached === 'yes' || reached === 'plugin') return undefined;
  const selecting = reaches.find((reach) => whoIs(reach, peer, namespace) === 'yes');
  if (selecting !== undefined) {
    const what = `selects cluster DNS, but the rule does not open the port that it listens on (${dnsPortsText(selecting.world)})`;
    return {
      path,
      headline: 'opens a port on which cluster DNS does not listen',
      why: `${path} ${what}.`,
      short: `${path} ${what}`,
      fix: correctedPorts(rule, namespace, selecting) ?? advice(`Open the ports of cluster DNS in a rule of their own`),
    };
  }
  const anyPod = { ...peer, pods: LabelSelector.everything };
  const reach = reaches.find((candidate) => whoIs(candidate, anyPod, namespace) === 'yes') ?? first;
  const miss = peerMiss(peer, namespace, reach) ?? 'selects no DNS server';
  const uncertain =
    reached === 'unsure'
      ? "it depends on labels of the DNS namespace or pods that netpol-guard can't see here"
      : undefined;
  const fault = { rule, peer, namespace, reach };
  const twin = twinOf(fault);
  return {
    path,
    headline: `${uncertain === undefined ? 'has' : 'may have'} a DNS peer that is no DNS server`,
    why: `${path} ${miss}.`,
    short:
      twin === undefined
        ? `${path} ${miss}`
        : `${path} looks for the DNS pods in ${namespace}; join it with ${twin.path.replace(/.*\./, '')} into one item`,
    fix:
      correctedPeer(fault, vocabulary) ??
      advice(`Name the pods of cluster DNS in ${path}, and their namespace in the same item`),
    uncertain,
  };
}

function reachedBy(reaches: readonly DnsReach[], rule: AllowRule, namespace: string): Reach {
  let found: Reach = 'no';
  for (const reach of reaches) {
    for (const protocol of DNS_PROTOCOLS) {
      found = best([found, reach.ofRule(rule, namespace, protocol)]);
      if (found === 'yes') return found;
    }
  }
  return found;
}

/** whoIs judges whom the peer names, whatever the ports. */
function whoIs(reach: DnsReach, peer: PodPeer, namespace: string): Reach {
  return best(reach.world.servers.map((server) => reach.ofPeer(peer, server, namespace)));
}

function keyOf(peer: PodPeer): string {
  return `${peer.namespaces === 'own' ? 'own' : peer.namespaces.key} ${peer.pods.key}`;
}
