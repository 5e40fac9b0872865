import { LabelSelector } from '../../sets/label-selector.ts';
import { dnsPortsText, dnsServersText } from '../dns/allow-dns.ts';
import { addDns } from '../dns/dns-fix.ts';
import { correctedPeer, correctedPorts, type MeantRule, type PeerFault, twinOf } from '../dns/peer-fix.ts';
import { best, DNS_PROTOCOLS, type DnsReach, type Reach } from '../dns/reach.ts';
import { isAboutDns } from '../dns/vocabulary.ts';
import { worldMeant } from '../dns/world-meant.ts';
import { peerMiss } from '../gaps/peer-miss.ts';
import { describePeer } from '../model/describe.ts';
import type { Issue } from '../model/finding.ts';
import { advice, type Fix, onCondition } from '../model/fix.ts';
import type { AllowRule, PodPeer, Policy } from '../model/policy.ts';
import type { DnsWorld } from '../model/snapshot.ts';
import { defineRule } from '../situation/rule.ts';
import type { Situation } from '../situation/situation.ts';

export const dnsPeerMatchesNothing = defineRule({
  id: 'dns-peer-matches-nothing',
  since: 'v0.1',
  title: 'A peer of a DNS rule that selects no DNS server',
  level: 'advice',
  docs: {
    why: `A rule for port 53 has a peer that matches no DNS server, so that peer does nothing for lookups. The usual causes:

- a \`podSelector\` without a \`namespaceSelector\`: it only looks in the policy's own namespace;
- the two selectors as separate items of the list, which means one OR the other; one item with both was meant;
- \`namespaceSelector: {name: kube-system}\`: no namespace has that label unless someone added it;
- the wrong \`k8s-app\`, such as \`coredns\` instead of \`kube-dns\`;
- a label in the wrong selector: \`k8s-app\` in \`namespaceSelector\`, or the namespace's name in \`podSelector\`;
- DNS pods on the network of their nodes, especially a node-local cache: no selector reaches them, only an \`ipBlock\` does;
- port 53 where the servers listen on another port: the port of the container counts, which is 5353 on OpenShift.

The rule judges each peer on its own, whether or not another peer of the rule works. Pods \`k8s-app: node-local-dns\` in
kube-system are DNS servers if NodeLocal DNSCache runs in pods of its own. The rule reports a peer that selects them only if
the cluster shows that it does not.`,
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
      const meant = meantBy(situation, rule, policy);
      for (const peer of podPeers([rule])) {
        const issue = issueOf(situation, policy, { rule, peer, meant });
        if (issue !== undefined) yield { ...issue, blamed: !known.has(keyOf(peer)) };
      }
    }
  },
});

function podPeers(rules: readonly AllowRule[]): readonly PodPeer[] {
  return rules.flatMap(({ peers }) => (peers === 'any' ? [] : peers.filter((peer) => peer.kind === 'pods')));
}

type Fault = Omit<Issue, 'blamed'>;

/** meantBy remembers whom a rule means: it may have thousands of peers, each of which counts. */
function meantBy({ reaches }: Situation, rule: AllowRule, { ref: { namespace } }: Policy): Asked['meant'] {
  const known = new Map<DnsReach, MeantRule>();
  return (reach) => {
    const found = known.get(reach) ?? { rule, namespace, reach, world: worldMeant(reaches, rule, namespace, reach) };
    known.set(reach, found);
    return found;
  };
}

interface Asked {
  readonly rule: AllowRule;
  readonly peer: PodPeer;
  readonly meant: (reach: DnsReach) => MeantRule;
}

function issueOf(situation: Situation, policy: Policy, { rule, peer, meant }: Asked): Fault | undefined {
  const { reaches } = situation;
  const { namespace } = policy.ref;
  const [first] = reaches;
  const reached = reachedBy(reaches, { ...rule, peers: [peer] }, namespace);
  if (first === undefined || reached === 'yes' || reached === 'plugin') return undefined;
  if (reaches.some((reach) => reach.whoPerhaps(peer, namespace) === 'yes')) return undefined;
  const selecting = reaches.find((reach) => reach.whoIs(peer, namespace) === 'yes');
  if (selecting !== undefined) return wrongPorts(meant(selecting), policy, peer);
  const anyPod = { ...peer, pods: LabelSelector.everything };
  const nearest = reaches.find((reach) => reach.whoIs(anyPod, namespace) === 'yes') ?? first;
  const uncertain = reached === 'unsure' ? nearest.doubt(false) : undefined;
  return wrongPeer({ ...meant(nearest), peer }, situation, uncertain);
}

function wrongPorts(meant: MeantRule, policy: Policy, peer: PodPeer): Fault {
  const { path } = peer;
  const { world } = meant.reach;
  const what = `selects cluster DNS, but the rule does not open the port that it listens on (${dnsPortsText(world)})`;
  return {
    path,
    headline: 'opens a port on which cluster DNS does not listen',
    why: `${path} ${what}.`,
    short: `${path} ${what}`,
    fix: correctedPorts(meant) ?? ruleOfItsOwn(policy, peer, world),
  };
}

function wrongPeer(fault: PeerFault, { vocabulary, snapshot }: Situation, uncertain: string | undefined): Fault {
  const { namespace, reach } = fault;
  const { path } = fault.peer;
  const { isKnown } = snapshot.dns;
  // Where no cluster DNS was found, whoever is named may be a resolver of the user's own.
  const miss = isKnown
    ? (peerMiss(fault.peer, namespace, reach) ?? 'selects no DNS server')
    : `selects ${describePeer(fault.peer)}; the usual cluster DNS is ${dnsServersText(reach.world)}`;
  const twin = twinOf(fault);
  const join =
    twin && `looks for the DNS pods in ${namespace}; join it with ${twin.path.replace(/.*\./, '')} into one item`;
  const fix =
    correctedPeer(fault, vocabulary) ??
    advice(`Name the pods of cluster DNS in ${path}, and their namespace in the same item`);
  return {
    path,
    headline: `${uncertain === undefined ? 'has' : 'may have'} a DNS peer that is no DNS server`,
    why: `${path} ${miss}.`,
    short: `${path} ${join ?? miss}`,
    fix: isKnown ? fix : onCondition('Unless that is your resolver', fix),
    uncertain,
  };
}

/** A peer among others for which the ports are right. */
function ruleOfItsOwn(policy: Policy, { path }: PodPeer, world: DnsWorld): Fix {
  return { steps: [{ text: `Remove ${path}`, edits: [{ kind: 'remove', path }] }, ...addDns([policy], world, policy)] };
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
