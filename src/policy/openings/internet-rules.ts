import { AddressSet } from '../../sets/address-set.ts';
import type { Budget } from '../../sets/budget.ts';
import { publicPart } from '../../sets/globally-routable.ts';
import { IntervalSet } from '../../sets/interval-set.ts';
import { ALL_PORTS, type PortSet } from '../../sets/port-set.ts';
import type { DnsProtocol } from '../dns/reach.ts';
import { Memo } from '../model/memo.ts';
import type { AllowRule, Policy, PortEntry } from '../model/policy.ts';

/** InternetRule is an egress rule that lets its subjects reach some public addresses over UDP or TCP. */
export interface InternetRule {
  readonly rule: AllowRule;
  /** The public addresses; IPv4 embedded in IPv6 counts as IPv4. Equal ones within a policy are the same object. */
  readonly addresses: AddressSet;
}

/**
 * Aim is the kind of opening to look for: one port, every port, or ports by name, of one protocol, to one family of
 * addresses.
 */
export interface Aim {
  readonly protocol: DnsProtocol;
  /** `named` is a port by any name: the author of the pod decides which number it is. */
  readonly port: number | 'every' | 'named';
  readonly family: 4 | 6;
  /** A number that counts along with named ports, which may mean it. */
  readonly withNumber?: number | undefined;
}

/** PortAim is an aim at something that a rule opens or does not. */
export interface PortAim extends Aim {
  readonly port: number | 'named';
}

/** NumberAim is an aim at one port by number. */
export interface NumberAim extends PortAim {
  readonly port: number;
}

/** FAMILIES are the families of addresses. */
export const FAMILIES: readonly Aim['family'][] = [4, 6];

/** aimText is equal for equal aims. */
export function aimText({ protocol, port, family, withNumber }: Aim): string {
  return withNumber === undefined ? `${protocol} ${port} ${family}` : `${protocol} ${port} ${family} ${withNumber}`;
}

const EVERY_PUBLIC_ADDRESS = publicPart(AddressSet.all);

const NONE: readonly InternetRule[] = [];

const rulesOf = new Memo<Policy, readonly InternetRule[]>();

/**
 * internetRules returns the egress rules of a policy that let some pod reach public addresses; remembered for each
 * policy.
 */
export function internetRules(policy: Policy): readonly InternetRule[] {
  if (policy.subject.isEmpty) return NONE;
  return rulesOf.get(policy, '', () => {
    const known = new Map<string, AddressSet>();
    const seen = new Map<AddressSet, Map<PortSet, number>>();
    return policy.egress
      .map((rule) => ({ rule, addresses: publicAddresses(rule, known) }))
      .filter((open) => !open.addresses.isEmpty && isWorthKeeping(open, seen));
  });
}

/** The most equal rules to keep: more would open nothing more, and no reader needs all their paths. */
const MAX_EQUAL = 50;

function isWorthKeeping({ rule, addresses }: InternetRule, seen: Map<AddressSet, Map<PortSet, number>>): boolean {
  const byPorts = seen.get(addresses) ?? new Map<PortSet, number>();
  seen.set(addresses, byPorts);
  const count = (byPorts.get(rule.ports) ?? 0) + 1;
  byPorts.set(rule.ports, count);
  return count <= MAX_EQUAL;
}

function publicAddresses({ peers }: AllowRule, known: Map<string, AddressSet>): AddressSet {
  if (peers === 'any') return EVERY_PUBLIC_ADDRESS;
  const blocks = peers.flatMap((peer) => (peer.kind === 'addresses' ? [peer] : []));
  if (blocks.length === 0) return AddressSet.empty;
  const addresses = AddressSet.unionAll(blocks.map((block) => block.addresses));
  const key = `${addresses.v4.bounds.join()} ${addresses.v6.bounds.join()}`;
  const same = known.get(key) ?? publicPart(addresses);
  known.set(key, same);
  return same;
}

/** DNS, encrypted DNS and ports by name, over two protocols and two families, and as much again for comparing every port. */
const MAX_REMEMBERED = 24;

const opened = new Memo<Policy, AddressSet>(MAX_REMEMBERED);

/** policyAddresses returns the public addresses that a policy opens on one port; remembered for each policy. Throws BudgetSpent. */
export function policyAddresses(policy: Policy, aim: PortAim, budget: Budget): AddressSet {
  return opened.get(policy, aimText(aim), () => {
    const rules = internetRules(policy);
    const aimed = rules.filter((open) => aimsAt(open, aim));
    budget.spend(rules.length + stepsOf(aimed));
    return openAddresses(aimed, aim);
  });
}

const lengths = new Memo<Policy, number>();

/**
 * stepsThrough is the number of steps to walk what a policy opens on the Internet, counting equal address sets once.
 */
export function stepsThrough(policy: Policy): number {
  return lengths.get(policy, '', () => stepsOf(internetRules(policy)));
}

/** stepsOf is the same for some rules. */
export function stepsOf(rules: readonly InternetRule[]): number {
  let steps = rules.length;
  for (const addresses of new Set(rules.map((open) => open.addresses))) steps += addresses.steps;
  return steps;
}

/** aimsAt holds if a rule serves the aim; for `every`, if it is a part of it. */
export function aimsAt({ rule: { ports }, addresses }: InternetRule, aim: Aim): boolean {
  return !(aim.family === 4 ? addresses.v4.isEmpty : addresses.v6.isEmpty) && servesAim(ports, aim);
}

/** Every port is also each port that has a name. */
function servesAim(ports: PortSet, { protocol, port, withNumber }: Aim): boolean {
  if (port === 'every') return !ports.numbers[protocol].isEmpty;
  if (port !== 'named') return ports.has(protocol, port);
  if (ports.names[protocol].length > 0 || ports.hasAll(protocol)) return true;
  return withNumber !== undefined && ports.has(protocol, withNumber);
}

/**
 * openAddresses returns the public addresses, of the aim's family, that the rules together open for it. For `every`
 * that is what is open on each range of ports; call `isTangled` first.
 */
export function openAddresses(rules: readonly InternetRule[], aim: Aim): AddressSet {
  const aimed = rules.filter((open) => aimsAt(open, aim));
  if (aim.port !== 'every') return inFamily(aimed, aim);
  const { full, partial } = byPorts(aimed, aim);
  const always = inFamily(full, aim);
  if (!isEveryPort(partial, aim)) return always;
  const stretches = portsToCompare(partial, aim).map((port) => openAddresses(partial, { ...aim, port }));
  return always.union(stretches.reduce((open, there) => open.intersect(there)));
}

/** The most ranges of ports to compare; a plainly written policy has a handful. */
export const MAX_STRETCHES = 256;

/** isTangled holds if rules for parts of the ports may add up to every port, in more pieces than are compared. */
export function isTangled(rules: readonly InternetRule[], aim: Aim): boolean {
  if (aim.port !== 'every') return false;
  const { partial } = byPorts(
    rules.filter((open) => aimsAt(open, aim)),
    aim,
  );
  return isEveryPort(partial, aim) && portsToCompare(partial, aim).length > MAX_STRETCHES;
}

function byPorts(rules: readonly InternetRule[], { protocol }: Aim) {
  const full: InternetRule[] = [];
  const partial: InternetRule[] = [];
  for (const open of rules) (open.rule.ports.hasAll(protocol) ? full : partial).push(open);
  return { full, partial };
}

function isEveryPort(rules: readonly InternetRule[], { protocol }: Aim): boolean {
  let sum = 0;
  const sets = new Set<PortSet>();
  for (const { rule } of rules) {
    sets.add(rule.ports);
    const { bounds } = rule.ports.numbers[protocol];
    for (let i = 0; i + 1 < bounds.length; i += 2) sum += (bounds[i + 1] as number) - (bounds[i] as number);
  }
  if (sum < 65_535) return false;
  return ALL_PORTS.isSubset(IntervalSet.unionAll([...sets].map(({ numbers }) => numbers[protocol])));
}

const parts = new Memo<AddressSet, AddressSet>();

/** opensAlone returns what one rule opens for the aim on its own; the same object for the same addresses. */
export function opensAlone({ rule, addresses }: InternetRule, { protocol, port, family }: Aim): AddressSet {
  if (port === 'every' && !rule.ports.hasAll(protocol)) return AddressSet.empty;
  return parts.get(addresses, `${family}`, () => addresses.inFamily(family));
}

function inFamily(rules: readonly InternetRule[], { family }: Aim): AddressSet {
  return AddressSet.unionAll([...new Set(rules.map(({ addresses }) => addresses))].map((set) => set.inFamily(family)));
}

/** portsToCompare returns one port of each range within which the rules do not differ. */
export function portsToCompare(rules: readonly InternetRule[], { protocol, port }: Aim): readonly PortAim['port'][] {
  if (port !== 'every') return [port];
  const bounds = new Set<number>(ALL_PORTS.bounds);
  for (const { rule } of rules) for (const bound of rule.ports.numbers[protocol].bounds) bounds.add(bound);
  return [...bounds].filter((bound) => ALL_PORTS.has(bound));
}

/** entriesFor returns those items of a rule's `ports` that serve the aim. */
export function entriesFor({ entries }: AllowRule, aim: Aim): readonly PortEntry[] {
  return entries.filter(({ ports }) => servesAim(ports, aim));
}
