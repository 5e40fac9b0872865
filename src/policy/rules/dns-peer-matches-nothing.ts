import { LabelSelector } from '../../sets/label-selector.ts';
import { dnsPeers, dnsPorts, dnsPortsText } from '../dns/allow-dns.ts';
import { best, DNS_PROTOCOLS, type DnsReach, type Reach } from '../dns/reach.ts';
import { isAboutDns } from '../dns/vocabulary.ts';
import { worldMeant } from '../dns/world-meant.ts';
import { peerMiss } from '../gaps/near-miss.ts';
import type { Fix, Issue } from '../model/finding.ts';
import type { AllowRule, PodPeer } from '../model/policy.ts';
import type { DnsWorld } from '../model/snapshot.ts';
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
- a label in the wrong selector: \`k8s-app\` in \`namespaceSelector\`, or the namespace's name in \`podSelector\`;
- DNS pods on the network of their nodes, a node-local cache above all: no selector reaches them, only an \`ipBlock\`;
- port 53 where the servers listen on another one: the port is the container's, 5353 on OpenShift.

Each peer is judged by itself, whether or not another one of the rule works. Pods \`k8s-app: node-local-dns\` of kube-system are
DNS servers where NodeLocal DNSCache runs in pods of its own, so the rule reports them only where a cluster shows that it does not.`,
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
  if (reaches.some((reach) => reach.whoPerhaps(peer, namespace) === 'yes')) return undefined;
  const selecting = reaches.find((reach) => reach.whoIs(peer, namespace) === 'yes');
  if (selecting !== undefined) {
    const message = `selects cluster DNS, but the rule does not open the port that it listens on (${dnsPortsText(selecting.world)})`;
    const yaml = portLines(worldMeant(reaches, rule, namespace, selecting)).join('\n');
    return { path, message, fix: { description: 'use the port of the DNS containers', yaml } };
  }
  const anyPod = { ...peer, pods: LabelSelector.everything };
  const nearest = reaches.find((reach) => reach.whoIs(anyPod, namespace) === 'yes') ?? first;
  const message = peerMiss(peer, namespace, nearest) ?? 'selects no DNS server';
  const unsure = reached === 'unsure' ? { uncertain: nearest.doubt(false) } : {};
  return { path, message, fix: rightPeer(nearest, rule, worldMeant(reaches, rule, namespace, nearest)), ...unsure };
}

/** rightPeer says whom to name in place of a peer, and where the rule opens none of their ports, those of all that it means. */
function rightPeer(nearest: DnsReach, { ports }: AllowRule, meant: DnsWorld): Fix {
  const { world } = nearest;
  const hasPods = world.servers.some((server) => server.kind === 'pods');
  const peers = hasPods ? 'name namespace and pods of cluster DNS in one item' : 'name cluster DNS by its address';
  const lines = ['to:', ...dnsPeers(world).map((line) => `  ${line}`)];
  const opensPort = DNS_PROTOCOLS.some((protocol) => nearest.named({ peers: 'any', ports }, '', protocol) === 'yes');
  return opensPort
    ? { description: peers, yaml: lines.join('\n') }
    : { description: `${peers}, with the port of its containers`, yaml: [...lines, ...portLines(meant)].join('\n') };
}

function portLines(world: DnsWorld): readonly string[] {
  return ['ports:', ...dnsPorts(world).map((line) => `  ${line}`)];
}

function reachedBy(reaches: readonly DnsReach[], rule: AllowRule, namespace: string): Reach {
  let found: Reach = 'no';
  for (const reach of reaches) {
    for (const protocol of DNS_PROTOCOLS) {
      found = best([found, reach.named(rule, namespace, protocol)]);
      if (found === 'yes') return found;
    }
  }
  return found;
}

function keyOf(peer: PodPeer): string {
  return `${peer.namespaces === 'own' ? 'own' : peer.namespaces.key} ${peer.pods.key}`;
}
