import { dnsPortsText, portItem } from '../dns/allow-dns.ts';
import { replaceRule } from '../dns/dns-fix.ts';
import { namesOnlyDns } from '../dns/only-dns.ts';
import { correctedPeer, correctedPorts } from '../dns/peer-fix.ts';
import { DNS_PROTOCOLS, type DnsProtocol, type DnsReach, type Reach } from '../dns/reach.ts';
import { isAboutDns, mentionsDns, namesDns } from '../dns/vocabulary.ts';
import { worldMeant } from '../dns/world-meant.ts';
import { describePeer, describePolicy, describeSubject, listOf, shorten } from '../model/describe.ts';
import { type Fix, fixOf, inPolicy } from '../model/fix.ts';
import type { AllowRule, Peer, Policy, PortEntry } from '../model/policy.ts';
import type { Situation } from '../situation/situation.ts';
import { cacheMiss } from './cache-miss.ts';
import { peerMiss } from './peer-miss.ts';

/** NearMiss is a carve-out that almost works. */
export interface NearMiss {
  /** What is wrong with it, as a clause that begins with its path. */
  readonly why: string;
  /** The corrected item, if that is the whole fix. */
  readonly fix?: Fix | undefined;
  /** Holds if it works, but is being deleted. */
  readonly isLeaving?: true | undefined;
}

/** Policies looked at for a carve-out that almost works. */
const MAX_POLICIES = 50;

/**
 * nearMiss finds the carve-out that almost works for the pods of an isolating policy; undefined if no policy resembles
 * one.
 */
export function nearMiss(situation: Situation, isolating: Policy, reach: DnsReach): NearMiss | undefined {
  const own = ofPolicy(situation, isolating, reach);
  if (own !== undefined) return own;
  let count = 0;
  for (const other of situation.after.all()) {
    count += 1;
    if (count > MAX_POLICIES) break;
    if (other === isolating || !other.subject.intersects(isolating.subject)) continue;
    const miss = ofPolicy(situation, other, reach);
    if (miss !== undefined) return elsewhere(miss, other, isolating);
  }
  const why = otherPods(situation, isolating, reach) ?? otherNamespace(situation, isolating, reach);
  return why === undefined ? undefined : { why };
}

/** A correction in another policy must help all pods that are cut off. */
function elsewhere({ why, fix }: NearMiss, other: Policy, isolating: Policy): NearMiss {
  const helps = other.managed === undefined && isolating.subject.isSubset(other.subject);
  return {
    why: `${describePolicy(other)} almost allows it: ${why}`,
    fix: fix === undefined || !helps ? undefined : inPolicy(fix, describePolicy(other), other.ref.name),
  };
}

function ofPolicy(situation: Situation, policy: Policy, reach: DnsReach): NearMiss | undefined {
  for (const rule of policy.egress) {
    const miss = ofRule(situation, policy, rule, reach);
    if (miss !== undefined) return { ...miss, why: `${rule.path} ${miss.why}` };
  }
  const ignored = policy.ignoredEgress.find((rule) => namesDns(rule, situation.vocabulary));
  if (ignored !== undefined) return { why: `${ignored.path} does nothing, since policyTypes leaves Egress out` };
  const ingress = policy.ingress.find((rule) => rule.peers !== 'any' && namesDns(rule, situation.vocabulary));
  if (ingress === undefined || policy.egress.length > 0) return undefined;
  return { why: `${ingress.path} allows DNS on the way in, but lookups go out, so it belongs under egress` };
}

/**
 * ofRule explains why a rule that is about DNS does not allow it: right peer and wrong port, or the other way round.
 */
function ofRule(situation: Situation, policy: Policy, rule: AllowRule, reach: DnsReach): NearMiss | undefined {
  const { vocabulary } = situation;
  const uncached = cacheMiss(rule, policy, reach);
  if (uncached !== undefined) return uncached;
  const works = DNS_PROTOCOLS.some((protocol) => reach.ofRule(rule, policy.ref.namespace, protocol) !== 'no');
  if (works) return undefined;
  const peers = rule.peers === 'any' ? [] : rule.peers;
  const byAddress = namedAtAddress(situation, policy, rule, reach);
  if (byAddress !== undefined) return byAddress;
  const isMeant = namesDns(rule, vocabulary);
  const rightPeer = peers.find((peer) => isRightPeer(peerReach(peer, policy, reach), isMeant) && isNarrow(peer));
  if (rightPeer !== undefined || (rule.peers === 'any' && mentionsDns(rule, vocabulary))) {
    return wrongPort(situation, rule, policy, reach);
  }
  if (!isMeant) return undefined;
  for (const peer of peers) {
    const why = peerMiss(peer, policy.ref.namespace, reach);
    if (why === undefined) continue;
    const { namespace } = policy.ref;
    const world = worldMeant(situation.reaches, rule, namespace, reach);
    return { why, fix: correctedPeer({ rule, peer, namespace, reach, world }, vocabulary) };
  }
  return undefined;
}

/** Only pods have names for their ports. */
function namedAtAddress(
  { vocabulary }: Situation,
  policy: Policy,
  rule: AllowRule,
  reach: DnsReach,
): NearMiss | undefined {
  const peers = rule.peers === 'any' ? [] : rule.peers;
  const named = rule.entries.find(({ ports }) => DNS_PROTOCOLS.some((protocol) => ports.names[protocol].length > 0));
  const block = peers.find((peer) => peer.kind === 'addresses' && peerReach(peer, policy, reach) !== 'no');
  if (block === undefined || named === undefined) return undefined;
  const why = `names the port ${named.text}, and a named port only matches pods, never ${describePeer(block)}`;
  return { why, fix: isAboutDns(rule, vocabulary) ? replaceRule(rule, reach.world) : undefined };
}

function wrongPort(
  { vocabulary, settings, reaches }: Situation,
  rule: AllowRule,
  { ref: { namespace } }: Policy,
  reach: DnsReach,
): NearMiss {
  const ports = dnsPortsText(reach.world);
  const isSctp = isDnsOverSctp(rule, vocabulary);
  const why = isSctp
    ? `opens the DNS port over SCTP only, but cluster DNS listens on ${ports}`
    : `does not open the port that cluster DNS listens on (${ports})`;
  const fix =
    isSctp || isAboutDns(rule, vocabulary)
      ? correctedPorts({ rule, namespace, reach, world: worldMeant(reaches, rule, namespace, reach) })
      : undefined;
  return { why, fix: fix && { ...fix, isCertain: settings.dns.servers.length > 0 } };
}

function isDnsOverSctp({ entries }: AllowRule, { numbers, names }: Situation['vocabulary']): boolean {
  return (
    entries.length > 0 &&
    entries.every(
      ({ ports }) =>
        [...numbers].some((port) => ports.numbers.SCTP.has(port)) || ports.names.SCTP.some((name) => names.has(name)),
    )
  );
}

/** A peer that may name cluster DNS is meant for it if the port is a DNS port. */
function isRightPeer(reach: Reach, isAboutDns: boolean): boolean {
  return reach === 'yes' || (reach === 'unsure' && isAboutDns);
}

function isNarrow(peer: Peer): boolean {
  return peer.kind === 'pods' && !(peer.namespaces !== 'own' && peer.namespaces.isEverything && peer.pods.isEverything);
}

function peerReach(peer: Peer, policy: Policy, reach: DnsReach): Reach {
  return reach.whoIs(peer, policy.ref.namespace);
}

/** wrongPortName reports that a rule for the DNS pods uses a name that their port does not have: `dns` over TCP. */
export function wrongPortName(
  policy: Policy,
  reach: DnsReach,
  protocols: readonly DnsProtocol[],
): NearMiss | undefined {
  for (const { peers, entries } of policy.egress) {
    if (peers !== 'any' && !peers.some((peer) => peerReach(peer, policy, reach) === 'yes')) continue;
    for (const protocol of protocols) {
      const names = reach.world.servers.flatMap(({ ports }) => (protocol === 'UDP' ? ports.udpNames : ports.tcpNames));
      const entry = entries.find(({ ports }) => ports.names[protocol].some((name) => !names.includes(name)));
      if (entry !== undefined && names.length > 0) {
        const why = `${entry.path} says ${shorten(entry.text)}, but the DNS pods call their ${protocol} port ${listOf(names)}`;
        const isForDns = peers !== 'any' && peers.every((peer) => namesOnlyDns(peer, reach));
        return { why, fix: isForDns ? renamedPort(entry, protocol, names) : undefined };
      }
    }
  }
  return undefined;
}

function renamedPort({ path }: PortEntry, protocol: DnsProtocol, [port = '']: readonly string[]): Fix {
  return fixOf(`Use the name of the DNS port in ${path}`, { kind: 'set', path, value: portItem({ port, protocol }) });
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
      return `${describePolicy(other)} allows DNS in namespace ${namespace}, and a policy only works in its own namespace`;
    }
  }
  return undefined;
}
