import type { DnsPods } from '../model/dns-server.ts';
import { type Edit, type Fix, fixOf, inSteps } from '../model/fix.ts';
import type { AllowRule, Peer, PodPeer } from '../model/policy.ts';
import type { DnsWorld } from '../model/snapshot.ts';
import { dnsPeers, dnsPorts, dnsRules } from './allow-dns.ts';
import { type Meant, opensPorts } from './dns-fix.ts';
import type { DnsReach } from './reach.ts';
import { type DnsVocabulary, isAboutDns } from './vocabulary.ts';

/** MeantRule is a rule of a policy, and the servers of cluster DNS that it means. */
export interface MeantRule extends Meant {
  readonly rule: AllowRule;
  /** Of the policy. */
  readonly namespace: string;
}

/** PeerFault is a peer of a rule about DNS that names no DNS server. */
export interface PeerFault extends MeantRule {
  readonly peer: Peer;
}

/**
 * correctedPeer writes cluster DNS in place of a peer; undefined if that would open more than DNS, or leave its port
 * closed.
 */
export function correctedPeer(fault: PeerFault, vocabulary: DnsVocabulary): Fix | undefined {
  const { rule, peer, world } = fault;
  const [first, ...others] = dnsPeers(world);
  if (first === undefined || !isAboutDns(rule, vocabulary)) return undefined;
  const text = `Name cluster DNS in ${peer.path}`;
  if (!opensPorts(rule, world)) {
    return rule.peers !== 'any' && rule.peers.length === 1 ? wholeRule(text, rule, world) : undefined;
  }
  const twin = twinOf(fault);
  const set: Edit = { kind: 'set', path: (twin ?? peer).path, value: first };
  if (twin !== undefined) {
    const joined = `Join ${nearName(peer.path)} and ${nearName(twin.path)} of ${rule.path} into one item`;
    return { ...fixOf(joined, set, { kind: 'remove', path: peer.path }), isCertain: others.length === 0 };
  }
  const more = others.length === 0 ? [] : [{ kind: 'add', path: `${rule.path}.to`, items: others } as const];
  return { ...inSteps(text, set, more), isCertain: isNamedByName(fault) };
}

/**
 * correctedPorts replaces the ports of a rule by those that cluster DNS listens on, and its peers if they are more than
 * cluster DNS; undefined if a peer is meant for something else.
 */
export function correctedPorts({ rule, namespace, reach, world }: MeantRule): Fix | undefined {
  const { path, peers } = rule;
  if (peers === 'any' || !peers.every((peer) => reach.whoIs(peer, namespace) === 'yes')) return undefined;
  const text = `Use the ports of cluster DNS in ${path}`;
  const isOnlyDns = world === reach.world && peers.every((peer) => namesOnlyDns(peer, reach));
  if (!isOnlyDns) return wholeRule(text, rule, world);
  return fixOf(text, { kind: 'set', path: `${path}.ports`, value: dnsPorts(world) });
}

function wholeRule(text: string, { path }: AllowRule, world: DnsWorld): Fix {
  const [first, ...others] = dnsRules(world);
  const set: Edit = { kind: 'set', path, value: first };
  return inSteps(text, set, others.length === 0 ? [] : [{ kind: 'add', path: 'spec.egress', items: others }]);
}

/** namesOnlyDns holds if a peer names only servers of cluster DNS. */
export function namesOnlyDns(peer: Peer, { world }: DnsReach): boolean {
  return world.servers.some((server) => {
    if (peer.kind === 'addresses') return server.kind === 'addresses' && peer.addresses.isSubset(server.addresses);
    if (server.kind !== 'pods' || peer.namespaces === 'own') return false;
    return peer.namespaces.isSubset(server.namespaces) && peer.pods.isSubset(server.pods);
  });
}

/** twinOf finds the namespaces that were meant to be one item with a peer, which names the DNS pods without them. */
export function twinOf({ rule, peer, namespace, reach }: PeerFault): PodPeer | undefined {
  if (rule.peers === 'any' || peer.kind !== 'pods' || peer.namespaces !== 'own') return undefined;
  const server = podsOf(reach);
  if (server === undefined || reach.ofPeer({ ...peer, namespaces: server.namespaces }, server, namespace) !== 'yes')
    return undefined;
  return rule.peers.find(
    (other): other is PodPeer =>
      other.kind === 'pods' && other.pods.isEverything && reach.ofPeer(other, server, namespace) === 'yes',
  );
}

/** `name: kube-system` for the namespace of that name: the intent is obvious. */
function isNamedByName({ peer, namespace, reach }: PeerFault): boolean {
  const server = podsOf(reach);
  if (server?.namespace === undefined || peer.kind !== 'pods' || peer.namespaces === 'own') return false;
  const { constraints } = peer.namespaces;
  const values = constraints.get('name');
  const isName = constraints.size === 1 && values !== undefined && !values.absent && values.values.size === 1;
  return (
    isName &&
    !values.complement &&
    values.has(server.namespace) &&
    reach.ofPeer(atHome(peer, server), server, namespace) === 'yes'
  );
}

function atHome(peer: PodPeer, { namespaces }: DnsPods): PodPeer {
  return { ...peer, namespaces };
}

function podsOf({ world }: DnsReach): DnsPods | undefined {
  const [server, ...others] = world.servers;
  return others.length === 0 && server?.kind === 'pods' ? server : undefined;
}

/** The last part of a path: `to[1]`. */
function nearName(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}
