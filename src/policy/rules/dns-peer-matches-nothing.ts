import { LabelSelector } from '../../sets/label-selector.ts';
import { dnsPeers, dnsPorts, dnsPortsText } from '../dns/allow-dns.ts';
import { best, DNS_PROTOCOLS, type DnsReach, type Reach } from '../dns/reach.ts';
import { isAboutDns } from '../dns/vocabulary.ts';
import { peerMiss } from '../gaps/near-miss.ts';
import type { Issue } from '../model/finding.ts';
import type { AllowRule, PodPeer } from '../model/policy.ts';
import { defineRule } from '../situation/rule.ts';
import type { Situation } from '../situation/situation.ts';

export const dnsPeerMatchesNothing = defineRule({
  id: 'dns-peer-matches-nothing',
  since: 'v0.1',
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
  { reaches }: Situation,
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
    const message = `selects cluster DNS, but the rule does not open the port that it listens on (${dnsPortsText(selecting.world)})`;
    const yaml = ['ports:', ...dnsPorts(selecting.world).map((line) => `  ${line}`)].join('\n');
    return { path, message, fix: { description: 'use the port of the DNS containers', yaml } };
  }
  const anyPod = { ...peer, pods: LabelSelector.everything };
  const nearest = reaches.find((reach) => whoIs(reach, anyPod, namespace) === 'yes') ?? first;
  const message = peerMiss(peer, namespace, nearest) ?? 'selects no DNS server';
  const unsure =
    reached === 'unsure' ? { uncertain: 'the labels of the DNS namespace or pods are not known here' } : {};
  const yaml = ['to:', ...dnsPeers(nearest.world).map((line) => `  ${line}`)].join('\n');
  const hasPods = nearest.world.servers.some((server) => server.kind === 'pods');
  const description = hasPods
    ? 'name namespace and pods of cluster DNS in one item'
    : 'name cluster DNS by its address';
  return { path, message, fix: { description, yaml }, ...unsure };
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
