import { dnsPortsText, dnsServersText } from '../dns/allow-dns.ts';
import { DNS_PROTOCOLS, type DnsProtocol, type DnsReach, type Reach } from '../dns/reach.ts';
import { mentionsDns, namesDns } from '../dns/vocabulary.ts';
import { describePeer, describePolicy, describeSelector, describeSubject, listOf, shorten } from '../model/describe.ts';
import type { DnsPods } from '../model/dns-server.ts';
import { NAMESPACE_NAME } from '../model/labels.ts';
import type { AllowRule, Peer, PodPeer, Policy } from '../model/policy.ts';
import type { Situation } from '../situation/situation.ts';
import { misplacedText } from './misplaced-text.ts';

/** Policies looked at for a carve-out that almost works. */
const MAX_POLICIES = 50;

/**
 * nearMiss says which one thing is wrong with the carve-out that is there for the pods of an isolating policy, as a
 * clause; undefined where nothing resembles one.
 */
export function nearMiss(situation: Situation, isolating: Policy, reach: DnsReach): string | undefined {
  const own = ofPolicy(situation, isolating, reach);
  if (own !== undefined) return own;
  let count = 0;
  for (const other of situation.after.all()) {
    count += 1;
    if (count > MAX_POLICIES) break;
    if (other === isolating || !other.subject.intersects(isolating.subject)) continue;
    const clause = ofPolicy(situation, other, reach);
    if (clause !== undefined) return `${describePolicy(other)} almost allows it: ${clause}`;
  }
  return otherPods(situation, isolating, reach) ?? otherNamespace(situation, isolating, reach);
}

function ofPolicy(situation: Situation, policy: Policy, reach: DnsReach): string | undefined {
  for (const rule of policy.egress) {
    const clause = ofRule(situation, policy, rule, reach);
    if (clause !== undefined) return `${rule.path} ${clause}`;
  }
  const ignored = policy.ignoredEgress.find((rule) => namesDns(rule, situation.vocabulary));
  if (ignored !== undefined) return `${ignored.path} does nothing, since policyTypes leaves Egress out`;
  const ingress = policy.ingress.find((rule) => rule.peers !== 'any' && namesDns(rule, situation.vocabulary));
  if (ingress === undefined || policy.egress.length > 0) return undefined;
  return `${ingress.path} allows DNS on the way in; lookups go out, so it belongs under egress`;
}

/** ofRule explains a rule that is about DNS and does not get there: right peer and wrong port, or the other way round. */
function ofRule(situation: Situation, policy: Policy, rule: AllowRule, reach: DnsReach): string | undefined {
  const works = DNS_PROTOCOLS.some((protocol) => reach.ofRule(rule, policy.ref.namespace, protocol) !== 'no');
  if (works) return undefined;
  const peers = rule.peers === 'any' ? [] : rule.peers;
  const named = rule.entries.find(({ ports }) => DNS_PROTOCOLS.some((protocol) => ports.names[protocol].length > 0));
  const block = peers.find((peer) => peer.kind === 'addresses' && peerReach(peer, policy, reach) !== 'no');
  if (block !== undefined && named !== undefined) {
    return `names the port ${named.text}, and a named port matches pods alone, never ${describePeer(block)}`;
  }
  const isAboutDns = namesDns(rule, situation.vocabulary);
  const rightPeer = peers.find((peer) => isRightPeer(peerReach(peer, policy, reach), isAboutDns) && isNarrow(peer));
  if (rightPeer !== undefined || (rule.peers === 'any' && mentionsDns(rule, situation.vocabulary))) {
    return `does not open the port that cluster DNS listens on (${dnsPortsText(reach.world)})`;
  }
  if (!isAboutDns) return undefined;
  for (const peer of peers) {
    const clause = peerMiss(peer, policy.ref.namespace, reach);
    if (clause !== undefined) return clause;
  }
  return undefined;
}

/** One that perhaps names cluster DNS is meant for it where the port is one of DNS. */
function isRightPeer(reach: Reach, isAboutDns: boolean): boolean {
  return reach === 'yes' || (reach === 'unsure' && isAboutDns);
}

function isNarrow(peer: Peer): boolean {
  return peer.kind === 'pods' && !(peer.namespaces !== 'own' && peer.namespaces.isEverything && peer.pods.isEverything);
}

function peerReach(peer: Peer, policy: Policy, reach: DnsReach): Reach {
  return reach.whoIs(peer, policy.ref.namespace);
}

/** wrongPortName says that a rule for the DNS pods calls their port by a name which it does not have: `dns` over TCP. */
export function wrongPortName(policy: Policy, reach: DnsReach, protocols: readonly DnsProtocol[]): string | undefined {
  for (const { peers, entries } of policy.egress) {
    if (peers !== 'any' && !peers.some((peer) => peerReach(peer, policy, reach) === 'yes')) continue;
    for (const protocol of protocols) {
      const names = reach.world.servers.flatMap(({ ports }) => (protocol === 'UDP' ? ports.udpNames : ports.tcpNames));
      const entry = entries.find(({ ports }) => ports.names[protocol].some((name) => !names.includes(name)));
      if (entry !== undefined && names.length > 0) {
        return `${entry.path} says ${shorten(entry.text)}, and over ${protocol} the DNS pods call their port ${listOf(names)}`;
      }
    }
  }
  return undefined;
}

/** peerMiss says why a peer selects no DNS server: `selects namespaces labelled name=kube-system; ...`. */
export function peerMiss(peer: Peer, namespace: string, reach: DnsReach): string | undefined {
  const servers = reach.world.servers;
  if (servers.some((server) => reach.ofPeer(peer, server, namespace) === 'yes')) return undefined;
  const found = dnsServersText(reach.world);
  if (peer.kind === 'addresses') return `names ${describePeer(peer)}, which holds no address of cluster DNS (${found})`;
  const onNodes = onNodesText(peer, namespace, reach);
  if (onNodes !== undefined) return onNodes;
  const inPods = servers.filter((server): server is DnsPods => server.kind === 'pods');
  const [pods] = inPods;
  if (pods === undefined) return `selects ${describePeer(peer)}; cluster DNS (${found}) can be named by address alone`;
  const misplaced = misplacedText(peer, [...inPods, ...(reach.world.perhaps ?? [])]);
  if (misplaced !== undefined) return misplaced;
  if (peer.namespaces === 'own') {
    return `selects ${describePeer(peer)} alone (${namespace}); cluster DNS is ${found}: add a namespaceSelector to the same item`;
  }
  const rightPods = { ...peer, pods: pods.pods };
  const byNamespace = reach.ofPeer(rightPods, pods, namespace);
  if (byNamespace === 'unsure') {
    return `selects namespaces ${describeSelector(peer.namespaces)}; whether that is the one of cluster DNS (${found}) hangs on labels that are not known here`;
  }
  if (byNamespace !== 'yes') {
    const label =
      pods.namespace === undefined
        ? ''
        : `; the label that ${pods.namespace} is sure to carry is ${NAMESPACE_NAME}=${pods.namespace}`;
    return `selects namespaces ${describeSelector(peer.namespaces)}, not the one of cluster DNS (${found})${label}`;
  }
  if (reach.ofPeer(peer, pods, namespace) === 'unsure') {
    return `selects pods ${describeSelector(peer.pods)}; whether the DNS pods (${describeSelector(pods.pods)}) are among them hangs on labels that are not known here`;
  }
  return `selects pods ${describeSelector(peer.pods)}; the DNS pods are ${describeSelector(pods.pods)} (${found})`;
}

function onNodesText(peer: PodPeer, namespace: string, reach: DnsReach): string | undefined {
  for (const server of reach.world.servers) {
    if (server.kind === 'addresses' && reach.isOnNodes(peer, server, namespace)) {
      return `selects ${describePeer(peer)}, which run on the network of their nodes, where no podSelector counts; name ${listOf(server.blocks)}`;
    }
  }
  return undefined;
}

/** A carve-out that works, for pods that the isolating policy does not select. */
function otherPods({ after, policy }: Situation, isolating: Policy, reach: DnsReach): string | undefined {
  let count = 0;
  for (const other of after.all()) {
    count += 1;
    if (count > MAX_POLICIES) return undefined;
    if (other === isolating || other.subject.isEverything) continue;
    if (reach.of(other).UDP !== 'yes' && reach.of(other).TCP !== 'yes') continue;
    const name = other === policy ? 'this policy' : describePolicy(other);
    return `${name} allows DNS, but selects other pods (${describeSubject(other)})`;
  }
  return undefined;
}

/** A lone carve-out in `default`, or one elsewhere for policies in `default`: most likely a forgotten namespace. */
function otherNamespace({ snapshot, change }: Situation, isolating: Policy, reach: DnsReach): string | undefined {
  if (change.operation !== 'AUDIT' || snapshot.dns.discovered) return undefined;
  for (const namespace of snapshot.namespacesWithPolicies()) {
    if (namespace === isolating.ref.namespace || ![namespace, isolating.ref.namespace].includes('default')) continue;
    const policies = snapshot.policies(namespace);
    if (policies.size !== 1) continue;
    for (const other of policies.all()) {
      if (reach.of(other).UDP !== 'yes') continue;
      return `${describePolicy(other)} allows DNS in namespace ${namespace}, and a policy works in its own namespace alone`;
    }
  }
  return undefined;
}
