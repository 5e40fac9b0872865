import { PortSet } from '../../sets/port-set.ts';
import { describePolicy, listOf } from '../model/describe.ts';
import { advice, type Edit, type Fix, fixFrom, fixOf, inSteps, type Step } from '../model/fix.ts';
import type { AllowRule, Policy } from '../model/policy.ts';
import type { DnsWorld } from '../model/snapshot.ts';
import { dnsPeers, dnsRules } from './allow-dns.ts';
import { type ClosedPorts, leaveOut, partsOf } from './close-ports.ts';
import { dnsSpecPorts } from './dns-egress.ts';
import { allowsDnsBeside, opensPorts } from './only-dns.ts';
import type { DnsReach } from './reach.ts';
import { type DnsVocabulary, isAboutDns } from './vocabulary.ts';

/** Meant are the servers of cluster DNS that a rule is meant for. */
export interface Meant {
  readonly reach: DnsReach;
  /** Those of the reach, and possibly others. */
  readonly world: DnsWorld;
  /** Holds if the configuration names them, so that their ports need no decision. */
  readonly isConfigured?: boolean | undefined;
}

const NO_SERVERS: Fix = advice('Name the DNS servers of your cluster in `to`');

/** addDns lets the pods of policies reach DNS, by a rule in each of them. They isolate for egress. */
export function addDns(policies: readonly Policy[], world: DnsWorld, own?: Policy): readonly Step[] {
  const [empty, filled] = [true, false].map((isEmpty) =>
    policies.filter(({ egress }) => (egress.length === 0) === isEmpty),
  );
  return [empty ?? [], filled ?? []].filter((some) => some.length > 0).map((some) => addRules(some, world, own));
}

/** A policy without rules needs the list itself. */
function addRules(policies: readonly Policy[], world: DnsWorld, own: Policy | undefined): Step {
  const path = 'spec.egress';
  const items = dnsRules(world);
  const it = items.length === 1 ? 'this rule' : 'these rules';
  const names = listOf(policies.map(describePolicy));
  const isEmpty = policies.every(({ egress }) => egress.length === 0);
  return {
    text: isEmpty ? `Replace the empty ${path} of ${names} with this` : `Add ${it} to ${path} of ${names}`,
    edits: policies.map((policy): Edit => {
      const name = policy === own ? undefined : policy.ref.name;
      return policy.egress.length === 0
        ? { kind: 'set', path, value: items, policy: name }
        : { kind: 'add', path, items, policy: name };
    }),
  };
}

/**
 * pinnedDns is the fix for a rule that opens DNS too far: it names cluster DNS, in a separate rule if the rule opens
 * more than DNS. It removes a rule that would repeat what other rules of the policy say.
 */
export function pinnedDns(rule: AllowRule, policy: Policy, meant: Meant, vocabulary: DnsVocabulary): Fix {
  const { reach, world, isConfigured = false } = meant;
  if (world.servers.length === 0) return NO_SERVERS;
  if (!isAboutDns(rule, vocabulary)) return splitDns(rule, policy, reach, vocabulary);
  if (allowsDnsBeside(rule, policy, reach, world)) {
    const remove = fixOf(`Remove ${rule.path}`, { kind: 'remove', path: rule.path });
    return { ...remove, isCertain: rule.peers === 'any' };
  }
  const isCertain = rule.peers === 'any' && (isConfigured || takesNoPort(rule, world));
  return { ...nameDns(rule, world), isCertain };
}

/** splitDns removes the DNS ports from a rule that also opens others, and allows DNS in another rule. */
function splitDns(rule: AllowRule, policy: Policy, reach: DnsReach, closed: ClosedPorts): Fix {
  return fixFrom([leaveOut(rule, closed, partsOf(rule, closed)), ...addDnsBeside(rule, policy, reach)]);
}

/**
 * addDnsBeside is the step that allows DNS in place of a rule; none if the policy allows it already, or the servers are
 * unknown.
 */
export function addDnsBeside(rule: AllowRule, policy: Policy, reach: DnsReach): readonly Step[] {
  const { world } = reach;
  const isThere = allowsDnsBeside(rule, policy, reach, world);
  return isThere || world.servers.length === 0 ? [] : addDns([policy], world, policy);
}

/** takesNoPort holds if the fix removes none of the ports of a rule. */
function takesNoPort(rule: AllowRule, world: DnsWorld): boolean {
  if (dnsRules(world).length > 1) return false;
  const needed = dnsSpecPorts(world.servers).map(({ port, protocol }) =>
    typeof port === 'number' ? PortSet.ofNumbers(protocol, port, port) : PortSet.ofName(protocol, port),
  );
  return opensPorts(rule, world) || rule.ports.isSubset(PortSet.unionAll(needed));
}

/** A rule keeps its ports if the servers listen on them. */
function nameDns(rule: AllowRule, world: DnsWorld): Fix {
  if (dnsRules(world).length > 1 || !opensPorts(rule, world)) return replaceRule(rule, world);
  const text = `Name ${rule.peers === 'any' ? '' : 'only '}cluster DNS in ${rule.path}`;
  return fixOf(text, { kind: 'set', path: `${rule.path}.to`, value: dnsPeers(world) });
}

/** replaceRule writes a rule for cluster DNS in place of another one; what is needed besides is a step of its own. */
export function replaceRule({ path }: AllowRule, world: DnsWorld): Fix {
  const [first, ...others] = dnsRules(world);
  const set: Edit = { kind: 'set', path, value: first };
  const more = others.length === 0 ? [] : [{ kind: 'add', path: 'spec.egress', items: others } as const];
  return inSteps(`Replace ${path} with a rule for cluster DNS`, set, more);
}
