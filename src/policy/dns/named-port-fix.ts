import { PROTOCOLS } from '../../sets/port-set.ts';
import { podPeerOf } from '../dialects/network-policy/network-policy-spec.ts';
import { listOf } from '../model/describe.ts';
import { type Edit, type Fix, fixOf } from '../model/fix.ts';
import type { AllowRule, Policy, PortEntry } from '../model/policy.ts';
import { portItem } from './allow-dns.ts';
import { pinnedDns } from './dns-fix.ts';
import type { DnsReach } from './reach.ts';
import { type DnsVocabulary, isAboutDns } from './vocabulary.ts';

const EVERY_POD = [{ namespaceSelector: {} }];

/** A number opens addresses that the name, by the standard, never did. */
const NOT_THE_NUMBER = 'the number instead of the name would open the Internet';

/** Longer lists are left to the author. */
const MAX_ITEMS = 20;

/**
 * namedPortFix is the fix for a rule that opens named ports to addresses: keep the names, and name pods, since only
 * pods have names for their ports. That opens nothing that was closed. A rule about DNS, and one without names that
 * adds to what others open by name, should leave DNS to cluster DNS. The fix is never certain.
 */
export function namedPortFix(rule: AllowRule, policy: Policy, reach: DnsReach, vocabulary: DnsVocabulary): Fix {
  if (isAboutDns(rule, vocabulary) || !rule.entries.some(isNamed)) {
    return { ...pinnedDns(rule, policy, { reach, world: reach.world }, vocabulary), isCertain: false };
  }
  const { path, peers } = rule;
  const named = rule.entries.filter(isNamed);
  const isOfNames = named.length === rule.entries.length;
  if (peers === 'any') return isOfNames ? toEveryPod(path) : ruleOfTheirOwn(rule, named, EVERY_POD);
  const [pods, blocks] = ['pods', 'addresses'].map((kind) => peers.filter((peer) => peer.kind === kind));
  if (pods === undefined || pods.length === 0) return without(isOfNames ? [path] : named.map((entry) => entry.path));
  if (!isOfNames)
    return ruleOfTheirOwn(
      rule,
      named,
      pods.flatMap((peer) => (peer.kind === 'pods' ? (podPeerOf(peer) ?? []) : [])),
    );
  return without((blocks ?? []).map((peer) => peer.path));
}

function toEveryPod(path: string): Fix {
  return fixOf(`Name pods in ${path}; ${NOT_THE_NUMBER}`, { kind: 'set', path: `${path}.to`, value: EVERY_POD });
}

/** An address has no names for its ports, so by the standard, what is removed opened nothing. */
function without(paths: readonly string[]): Fix {
  const text = `Remove ${listOf(paths)}: only pods have names for their ports, and ${NOT_THE_NUMBER}`;
  return fixOf(text, ...paths.map((path): Edit => ({ kind: 'remove', path })));
}

function isNamed({ ports }: PortEntry): boolean {
  return PROTOCOLS.some((protocol) => ports.names[protocol].length > 0);
}

function ruleOfTheirOwn({ path }: AllowRule, named: readonly PortEntry[], to: readonly object[]): Fix {
  const text = `Move the named ports of ${path} into a rule of their own, to pods; ${NOT_THE_NUMBER}`;
  if (named.length > MAX_ITEMS || to.length > MAX_ITEMS || to.length === 0) return fixOf(text);
  const ports = named.flatMap(({ ports: { names } }) =>
    PROTOCOLS.flatMap((protocol) => names[protocol].map((port) => portItem({ port, protocol }))),
  );
  const removals = named.map((entry): Edit => ({ kind: 'remove', path: entry.path }));
  return fixOf(text, { kind: 'add', path: 'spec.egress', items: [{ to, ports }] }, ...removals);
}
