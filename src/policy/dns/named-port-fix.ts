import { PROTOCOLS } from '../../sets/port-set.ts';
import { listOf } from '../model/describe.ts';
import { type Edit, type Fix, fixOf } from '../model/fix.ts';
import type { AllowRule, Policy, PortEntry } from '../model/policy.ts';
import { portItem } from './allow-dns.ts';
import { pinnedDns } from './dns-fix.ts';
import { DNS_PROTOCOLS, type DnsReach } from './reach.ts';
import { namesRule, podPeers, splitRule } from './split-rule.ts';
import { type DnsVocabulary, ENCRYPTED_DNS_PORT, isAboutDns } from './vocabulary.ts';

/** A number opens addresses that the name, by the standard, never did. */
const NOT_THE_NUMBER = 'the number instead of the name would open the Internet';

/** Longer lists are left to the author. */
const MAX_ITEMS = 20;

/**
 * namedPortFix is the fix for a rule that opens named ports to addresses: keep the names, and name pods, since only
 * pods have names for their ports. That opens nothing that was closed. A rule about DNS, and one without names that
 * adds to what others open by name, should leave DNS to cluster DNS. For a rule that also opens DNS by its number, the
 * fix closes both. It is never certain.
 */
export function namedPortFix(rule: AllowRule, policy: Policy, reach: DnsReach, vocabulary: DnsVocabulary): Fix {
  const named = rule.entries.filter(isNamed);
  if (isAboutDns(rule, vocabulary) || named.length === 0) {
    return { ...pinnedDns(rule, policy, { reach, world: reach.world }, vocabulary), isCertain: false };
  }
  if (opensDnsByNumber(rule, vocabulary)) return splitRule(rule, policy, reach, vocabulary);
  return ofNames(rule, named);
}

function opensDnsByNumber({ ports }: AllowRule, { numbers }: DnsVocabulary): boolean {
  return [...numbers, ENCRYPTED_DNS_PORT].some((port) =>
    DNS_PROTOCOLS.some((protocol) => ports.numbers[protocol].has(port)),
  );
}

function ofNames(rule: AllowRule, named: readonly PortEntry[]): Fix {
  const { path, peers } = rule;
  const isOfNames = named.length === rule.entries.length;
  const pods = podPeers(rule);
  if (peers === 'any') return isOfNames ? toPods(path, pods) : ruleOfTheirOwn(named, pods);
  if (!peers.some(({ kind }) => kind === 'pods')) return without(isOfNames ? [path] : pathsOf(named));
  if (!isOfNames) return ruleOfTheirOwn(named, pods);
  return without(pathsOf(peers.filter(({ kind }) => kind === 'addresses')));
}

function toPods(path: string, pods: readonly object[]): Fix {
  return fixOf(`Name pods in ${path}; ${NOT_THE_NUMBER}`, { kind: 'set', path: `${path}.to`, value: pods });
}

/** An address has no names for its ports, so by the standard, what is removed opened nothing. */
function without(paths: readonly string[]): Fix {
  const text = `Remove ${listOf(paths)}: only pods have names for their ports, and ${NOT_THE_NUMBER}`;
  return fixOf(text, ...removals(paths));
}

function pathsOf(items: readonly { readonly path: string }[]): readonly string[] {
  return items.map(({ path }) => path);
}

function removals(paths: readonly string[]): readonly Edit[] {
  return paths.map((path): Edit => ({ kind: 'remove', path }));
}

function isNamed({ ports }: PortEntry): boolean {
  return PROTOCOLS.some((protocol) => ports.names[protocol].length > 0);
}

function ruleOfTheirOwn(named: readonly PortEntry[], to: readonly object[]): Fix {
  const text = `Remove ${listOf(pathsOf(named))}; ${NOT_THE_NUMBER}`;
  if (named.length > MAX_ITEMS || to.length > MAX_ITEMS || to.length === 0) {
    return fixOf(`${text}. Open the named ports only on pods, in a rule of their own`);
  }
  const ports = named.flatMap(({ ports: { names } }) =>
    PROTOCOLS.flatMap((protocol) => names[protocol].map((port) => portItem({ port, protocol }))),
  );
  return { steps: [{ text, edits: removals(pathsOf(named)) }, namesRule({ to, ports })] };
}
