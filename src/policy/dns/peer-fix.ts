import type { DnsPods, DnsServer } from '../model/dns-server.ts';
import { type Edit, type Fix, fixOf, inSteps } from '../model/fix.ts';
import type { AllowRule, Peer, PodPeer } from '../model/policy.ts';
import { dnsPeers, dnsPorts } from './allow-dns.ts';
import { type Meant, replaceRule } from './dns-fix.ts';
import { namesOnlyDns, opensPorts } from './only-dns.ts';
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
  if (world.servers.length === 0 || !isAboutDns(rule, vocabulary)) return undefined;
  if (!opensPorts(rule, world)) {
    return rule.peers !== 'any' && rule.peers.length === 1 ? replaceRule(rule, world) : undefined;
  }
  const twin = twinOf(fault);
  if (twin !== undefined) return joined(fault, twin);
  const { beside, missing } = namedBeside(fault);
  const [first, ...others] = dnsPeers({ ...world, servers: missing });
  if (first === undefined) {
    const since = beside === undefined ? '' : `, since ${nearName(beside.path)} names cluster DNS already`;
    const remove: Edit = { kind: 'remove', path: peer.path };
    return { ...fixOf(`Remove ${peer.path}${since}`, remove), isCertain: isNamedByName(fault) };
  }
  const text = `Name cluster DNS in ${peer.path}`;
  const set: Edit = { kind: 'set', path: peer.path, value: first };
  const more = others.length === 0 ? [] : [{ kind: 'add', path: `${rule.path}.to`, items: others } as const];
  return { ...inSteps(text, set, more), isCertain: isNamedByName(fault) };
}

function joined({ peer, world }: PeerFault, twin: PodPeer): Fix {
  const [first, ...others] = dnsPeers(world);
  const text = `Join ${nearName(peer.path)} into ${twin.path}`;
  const set: Edit = { kind: 'set', path: twin.path, value: first };
  return { ...fixOf(text, set, { kind: 'remove', path: peer.path }), isCertain: others.length === 0 };
}

/**
 * correctedPorts replaces the ports of a rule by those that cluster DNS listens on, and its peers if they are more than
 * cluster DNS; undefined if a peer is meant for something else.
 */
export function correctedPorts({ rule, namespace, reach, world }: MeantRule): Fix | undefined {
  const { path, peers } = rule;
  if (peers === 'any' || !isMeantForDns(peers, reach, namespace)) return undefined;
  const isOnlyDns = world === reach.world && peers.every((peer) => namesOnlyDns(peer, reach));
  if (!isOnlyDns) return replaceRule(rule, world);
  return fixOf(`Use the ports of cluster DNS in ${path}`, {
    kind: 'set',
    path: `${path}.ports`,
    value: dnsPorts(world),
  });
}

/** By a peer of its own, cluster DNS may be meant where the labels of its namespace are not known. */
function isMeantForDns(peers: readonly Peer[], reach: DnsReach, namespace: string): boolean {
  const whom = peers.map((peer) => reach.whoIs(peer, namespace));
  return whom.every((who) => who === 'yes') || (whom.length === 1 && whom[0] === 'unsure');
}

/** Longer lists are not looked through for each of their peers. */
const MAX_PEERS = 100;

interface NamedBeside {
  /** The first of the other peers that name a server. */
  readonly beside: Peer | undefined;
  /** The servers that none of them names, since one more would be there twice; first the one that the peer means. */
  readonly missing: readonly DnsServer[];
}

function namedBeside({ rule, peer, namespace, reach, world }: PeerFault): NamedBeside {
  const peers = rule.peers === 'any' || rule.peers.length > MAX_PEERS ? [] : rule.peers;
  const others = peers.filter((other) => other !== peer && namesOnlyDns(other, reach));
  const isNamed = (server: DnsServer) => others.some((other) => reach.ofPeer(other, server, namespace) === 'yes');
  const missing = world.servers.filter((server) => !isNamed(server));
  const [meant, rest] = [true, false].map((isMeant) =>
    missing.filter((server) => reach.isOnNodes(peer, server, namespace) === isMeant),
  );
  return { beside: others[0], missing: [...(meant ?? []), ...(rest ?? [])] };
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
