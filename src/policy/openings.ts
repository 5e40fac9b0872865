import { AddressSet } from '../sets/address-set.ts';
import { publicPart } from '../sets/globally-routable.ts';
import { ALL_PORTS } from '../sets/port-set.ts';
import type { DnsProtocol } from './dns-reach.ts';
import type { AllowRule, Policy } from './model.ts';

/** InternetRule is an egress rule that lets its subjects reach some public addresses over UDP or TCP. */
export interface InternetRule {
  readonly rule: AllowRule;
  /** The public addresses; IPv4 embedded in IPv6 counts as IPv4. */
  readonly addresses: AddressSet;
}

const memory = new WeakMap<Policy, readonly InternetRule[]>();

/** internetRules returns the egress rules of a policy that reach public addresses; remembered for each policy. */
export function internetRules(policy: Policy): readonly InternetRule[] {
  let rules = memory.get(policy);
  if (rules === undefined) {
    rules = policy.egress
      .map((rule) => ({ rule, addresses: publicAddresses(rule) }))
      .filter(({ addresses }) => !addresses.isEmpty);
    memory.set(policy, rules);
  }
  return rules;
}

const EVERY_PUBLIC_ADDRESS = publicPart(AddressSet.all);

function publicAddresses(rule: AllowRule): AddressSet {
  if (rule.peers === 'any') return EVERY_PUBLIC_ADDRESS;
  const blocks = rule.peers.flatMap((peer) => (peer.kind === 'addresses' ? [peer.addresses] : []));
  return blocks.length === 0 ? AddressSet.empty : publicPart(AddressSet.unionAll(blocks));
}

/** Aim is what an opening is about: one port, or every port, of one protocol, to one family of addresses. */
export interface Aim {
  readonly protocol: DnsProtocol;
  readonly port: number | 'every';
  readonly family: 4 | 6;
}

export const FAMILIES: readonly Aim['family'][] = [4, 6];

/** aimsAt holds where a rule serves the aim; for `every`, where it is a part of it. */
export function aimsAt({ rule: { ports }, addresses }: InternetRule, { protocol, port, family }: Aim): boolean {
  if (family === 4 ? addresses.v4.isEmpty : addresses.v6.isEmpty) return false;
  return port === 'every' ? !ports.numbers[protocol].isEmpty : ports.has(protocol, port);
}

/** openAddresses returns the public addresses, of the aim's family, that the rules together open for it. */
export function openAddresses(rules: readonly InternetRule[], aim: Aim): AddressSet {
  const aimed = rules.filter((open) => aimsAt(open, aim));
  if (aim.port === 'every') return openOnEveryPort(aimed, aim);
  const all = AddressSet.unionAll(aimed.map(({ addresses }) => addresses));
  return aim.family === 4 ? new AddressSet(all.v4, AddressSet.empty.v6) : new AddressSet(AddressSet.empty.v4, all.v6);
}

/** openOnEveryPort intersects, over the stretches of ports between all bounds, what is open there. */
function openOnEveryPort(rules: readonly InternetRule[], aim: Aim): AddressSet {
  let open: AddressSet | undefined;
  for (const port of portsToCompare(rules, aim)) {
    const there = openAddresses(rules, { ...aim, port });
    open = open === undefined ? there : open.intersect(there);
    if (open.isEmpty) break;
  }
  return open ?? AddressSet.empty;
}

/** portsToCompare returns one port of each stretch within which the rules make no difference. */
export function portsToCompare(rules: readonly InternetRule[], { protocol, port }: Aim): readonly number[] {
  if (port !== 'every') return [port];
  const bounds = new Set<number>(ALL_PORTS.bounds);
  for (const { rule } of rules) for (const bound of rule.ports.numbers[protocol].bounds) bounds.add(bound);
  return [...bounds].filter((bound) => ALL_PORTS.has(bound));
}
