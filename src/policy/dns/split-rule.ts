import { podPeerOf } from '../dialects/network-policy/network-policy-spec.ts';
import { listOf } from '../model/describe.ts';
import { advice, type Fix, fixFrom, type Step } from '../model/fix.ts';
import type { AllowRule, Policy } from '../model/policy.ts';
import { portItem } from './allow-dns.ts';
import { type ClosedPorts, closePorts, leaveOut, partsOf } from './close-ports.ts';
import { addDnsBeside, type Meant, pinnedDns } from './dns-fix.ts';
import { DNS_PROTOCOLS, type DnsProtocol, type DnsReach } from './reach.ts';
import { type DnsVocabulary, ENCRYPTED_DNS_PORT, isAboutDns } from './vocabulary.ts';

/** Longer lists are left to the author. */
const MAX_ITEMS = 20;

/** closedFix is the fix for a rule that opens DNS to anywhere. */
export function closedFix(rule: AllowRule, policy: Policy, meant: Meant, vocabulary: DnsVocabulary): Fix {
  const isPinned = meant.world.servers.length === 0 || isAboutDns(rule, vocabulary);
  return isPinned ? pinnedDns(rule, policy, meant, vocabulary) : splitRule(rule, policy, meant.reach, vocabulary);
}

/**
 * splitRule is the fix for a rule that opens DNS among other ports to anywhere. What is open there by one port is open by all
 * that the rule lists, so one fix closes all that would be refused: the DNS ports, port 853, and names, which stay open on
 * pods. DNS is allowed beside it.
 */
export function splitRule(rule: AllowRule, policy: Policy, reach: DnsReach, vocabulary: DnsVocabulary): Fix {
  const steps = splitSteps(rule, vocabulary);
  return fixFrom(partsOf(rule, vocabulary).length > 0 ? [...steps, ...addDnsBeside(rule, policy, reach)] : steps);
}

function splitSteps(rule: AllowRule, { numbers, names }: DnsVocabulary): readonly Step[] {
  const { path, ports } = rule;
  const closed: ClosedPorts = { numbers: [...numbers, ENCRYPTED_DNS_PORT], names };
  const toPods = hasNames(rule, names) ? podPeers(rule) : undefined;
  if (toPods === undefined) return [leaveOut(rule, closed, partsOf(rule, closed))];
  const named = DNS_PROTOCOLS.flatMap((protocol) => namesIn(rule, protocol, names).map((port) => ({ port, protocol })));
  const all = new Set(DNS_PROTOCOLS.flatMap((protocol) => ports.names[protocol]));
  const left = closePorts(rule, { ...closed, names: all });
  const what = [...partsOf(rule, closed), 'the named ports'];
  if (left === undefined || named.length > MAX_ITEMS || toPods.length > MAX_ITEMS) {
    return advice(`Leave ${listOf(what)} out of ${path}, and open names only on pods, in a rule of their own`).steps;
  }
  if (toPods.length === 0) return [leaveOut(rule, { ...closed, names: all }, what)];
  const ofNames = { to: toPods, ports: named.map(portItem) };
  if (left.kind === 'remove') {
    const text = `Replace ${path} with this rule, which opens only the names, and only on pods`;
    return [{ text, edits: [{ kind: 'set', path, value: ofNames }] }];
  }
  return [{ text: `Leave ${listOf(what)} out of ${path}`, edits: [left] }, namesRule(ofNames)];
}

/** namesRule adds a rule that opens ports by name to pods. */
export function namesRule(rule: object): Step {
  const path = 'spec.egress';
  return {
    text: `Add this rule to ${path}, which opens the named ports only on pods`,
    edits: [{ kind: 'add', path, items: [rule] }],
  };
}

/** podPeers returns the items of `to` that name pods, every pod where a rule has no `to`. */
export function podPeers({ peers }: AllowRule): readonly object[] {
  if (peers === 'any') return [{ namespaceSelector: {} }];
  return peers.flatMap((peer) => (peer.kind === 'pods' ? (podPeerOf(peer) ?? []) : []));
}

/** By the standard a name opens nothing at an address, but some network plugins open it there over UDP and TCP. */
function hasNames(rule: AllowRule, ofDns: ReadonlySet<string>): boolean {
  const isToAddresses = rule.peers === 'any' || rule.peers.some(({ kind }) => kind === 'addresses');
  return isToAddresses && DNS_PROTOCOLS.some((protocol) => namesIn(rule, protocol, ofDns).length > 0);
}

function namesIn({ ports }: AllowRule, protocol: DnsProtocol, ofDns: ReadonlySet<string>): readonly string[] {
  return ports.names[protocol].filter((name) => !ofDns.has(name));
}
