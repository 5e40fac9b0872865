import { describePolicy, listOf } from '../model/describe.ts';
import { advice, type Edit, type Fix, fixFrom, fixOf, inSteps, type Step } from '../model/fix.ts';
import type { AllowRule, Policy } from '../model/policy.ts';
import type { DnsWorld } from '../model/snapshot.ts';
import { dnsPeers, dnsRules } from './allow-dns.ts';
import { type ClosedPorts, leaveOut, partsOf } from './close-ports.ts';
import { allowsDnsBeside, opensPorts } from './only-dns.ts';
import type { DnsReach } from './reach.ts';
import { type DnsVocabulary, isAboutDns } from './vocabulary.ts';

/** Meant are the servers of cluster DNS that a rule means. */
export interface Meant {
  readonly reach: DnsReach;
  /** Those of the reach, and perhaps others. */
  readonly world: DnsWorld;
}

const NO_SERVERS: Fix = advice('Name the DNS servers of your cluster in `to`');

/** addDns lets the pods of policies reach DNS, by a rule in each of them. They isolate for egress. */
export function addDns(policies: readonly Policy[], world: DnsWorld, own?: Policy): readonly Step[] {
  const [empty, filled] = [true, false].map((isEmpty) =>
    policies.filter(({ egress }) => (egress.length === 0) === isEmpty),
  );
  return [empty ?? [], filled ?? []].filter((some) => some.length > 0).map((some) => addRules(some, world, own));
}

/** Who has no rules yet needs the list itself. */
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
 * pinnedDns is the fix for a rule of a policy that opens DNS too far: to name cluster DNS, in a rule of its own where it opens
 * more. A rule that would say what others of the policy say already goes.
 */
export function pinnedDns(rule: AllowRule, policy: Policy, { reach, world }: Meant, vocabulary: DnsVocabulary): Fix {
  if (world.servers.length === 0) return NO_SERVERS;
  if (!isAboutDns(rule, vocabulary)) return splitDns(rule, policy, reach, vocabulary);
  const isCertain = rule.peers === 'any';
  if (allowsDnsBeside(rule, policy, reach, world)) {
    return { ...fixOf(`Remove ${rule.path}`, { kind: 'remove', path: rule.path }), isCertain };
  }
  return { ...nameDns(rule, world), isCertain };
}

/** splitDns leaves the DNS ports out of a rule that opens others as well, and allows DNS beside it. */
function splitDns(rule: AllowRule, policy: Policy, reach: DnsReach, closed: ClosedPorts): Fix {
  return fixFrom([leaveOut(rule, closed, partsOf(rule, closed)), ...addDnsBeside(rule, policy, reach)]);
}

/** addDnsBeside is the step that allows DNS in place of a rule; none where the policy allows it already, or nobody knows the servers. */
export function addDnsBeside(rule: AllowRule, policy: Policy, reach: DnsReach): readonly Step[] {
  const { world } = reach;
  const isThere = allowsDnsBeside(rule, policy, reach, world);
  return isThere || world.servers.length === 0 ? [] : addDns([policy], world, policy);
}

/** A rule keeps its ports where the servers listen on them. */
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
