import { PortSet } from '../../sets/port-set.ts';
import { describePolicy, listOf } from '../model/describe.ts';
import { advice, type Edit, type Fix, fixOf, inSteps, type Step } from '../model/fix.ts';
import type { AllowRule, Policy } from '../model/policy.ts';
import type { DnsWorld } from '../model/snapshot.ts';
import { dnsPeers, dnsRules } from './allow-dns.ts';
import { type ClosedPorts, closePorts } from './close-ports.ts';
import { dnsSpecPorts } from './dns-egress.ts';
import { DNS_PROTOCOLS, type DnsReach } from './reach.ts';
import { type DnsVocabulary, isAboutDns } from './vocabulary.ts';

/** Meant are the servers of cluster DNS that a rule means. */
export interface Meant {
  readonly reach: DnsReach;
  /** Those of the reach, and perhaps others. */
  readonly world: DnsWorld;
  /** Holds where the configuration names them, so that nobody has to decide about their ports. */
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

/** Who has no rules yet needs the list itself. */
function addRules(policies: readonly Policy[], world: DnsWorld, own: Policy | undefined): Step {
  const path = 'spec.egress';
  const items = dnsRules(world);
  const it = items.length === 1 ? 'this rule' : 'these rules';
  return {
    text: `Add ${it} to ${path} of ${listOf(policies.map(describePolicy))}`,
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
 * more.
 */
export function pinnedDns(rule: AllowRule, policy: Policy, meant: Meant, vocabulary: DnsVocabulary): Fix {
  const { reach, world, isConfigured = false } = meant;
  if (world.servers.length === 0) return NO_SERVERS;
  if (!isAboutDns(rule, vocabulary)) return splitDns(rule, policy, reach, vocabulary);
  if (rule.peers === 'any') {
    const isCertain = isConfigured || opensOnly(rule, world);
    return { ...nameDns(`Name cluster DNS in ${rule.path}`, rule, world), isCertain };
  }
  return nameDns(`Name only cluster DNS in ${rule.path}`, rule, world);
}

/** splitDns leaves the DNS ports out of a rule that opens others as well, and allows DNS beside it. */
export function splitDns(rule: AllowRule, policy: Policy, reach: DnsReach, closed: ClosedPorts): Fix {
  const closing = closePorts(rule, closed);
  const text = `Leave the DNS ports out of ${rule.path}`;
  return { steps: [{ text, edits: closing === undefined ? [] : [closing] }, ...addDnsBeside(rule, policy, reach)] };
}

/** addDnsBeside is the step that allows DNS in place of a rule; none where the policy allows it already, or nobody knows the servers. */
export function addDnsBeside(rule: AllowRule, policy: Policy, reach: DnsReach): readonly Step[] {
  const isThere = DNS_PROTOCOLS.every((protocol) =>
    policy.egress.some((other) => other !== rule && reach.ofRule(other, policy.ref.namespace, protocol) === 'yes'),
  );
  return isThere || reach.world.servers.length === 0 ? [] : addDns([policy], reach.world, policy);
}

/** opensOnly holds where the fix takes none of its ports from a rule. */
function opensOnly(rule: AllowRule, world: DnsWorld): boolean {
  if (dnsRules(world).length > 1) return false;
  const needed = dnsSpecPorts(world.servers).map(({ port, protocol }) =>
    typeof port === 'number' ? PortSet.ofNumbers(protocol, port, port) : PortSet.ofName(protocol, port),
  );
  return opensPorts(rule, world) || rule.ports.isSubset(PortSet.unionAll(needed));
}

/** A rule keeps its ports where the servers listen on them. */
function nameDns(text: string, rule: AllowRule, world: DnsWorld): Fix {
  const [first, ...others] = dnsRules(world);
  if (others.length === 0 && opensPorts(rule, world)) {
    return fixOf(text, { kind: 'set', path: `${rule.path}.to`, value: dnsPeers(world) });
  }
  const whole: Edit = { kind: 'set', path: rule.path, value: first };
  return inSteps(text, whole, others.length === 0 ? [] : [{ kind: 'add', path: 'spec.egress', items: others }]);
}

/** opensPorts holds where a rule opens every port, by number, on which the servers listen. */
export function opensPorts({ ports }: AllowRule, { servers }: DnsWorld): boolean {
  return servers.every((server) =>
    DNS_PROTOCOLS.every((protocol) => {
      const numbers = protocol === 'UDP' ? server.ports.udp : server.ports.tcp;
      return numbers.every((port) => ports.has(protocol, port));
    }),
  );
}
