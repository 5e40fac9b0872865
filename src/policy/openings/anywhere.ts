import { AddressSet } from '../../sets/address-set.ts';
import { type Budget, BudgetSpent } from '../../sets/budget.ts';
import { isAnywhere } from '../../sets/globally-routable.ts';
import type { LabelSelector } from '../../sets/label-selector.ts';
import { Memo } from '../model/memo.ts';
import type { PolicyClass } from '../model/namespace-policies.ts';
import type { Policy } from '../model/policy.ts';
import type { Settings } from '../model/settings.ts';
import type { Situation } from '../situation/situation.ts';
import { isBlamed } from './blame.ts';
import {
  type Aim,
  aimsAt,
  aimText,
  type InternetRule,
  internetRules,
  isTangled,
  MAX_STRETCHES,
  openAddresses,
  opensAlone,
  type PortAim,
  policyAddresses,
  portsToCompare,
  stepsThrough,
} from './internet-rules.ts';
import { type Combination, OpeningSearch } from './search.ts';
import { leastShare, shareOf } from './share.ts';

/** Opening is an unrestricted destination that the changed policy opens, alone or with others. */
export interface Opening {
  readonly aim: Aim;
  /** The rules of the changed policy that are part of it. */
  readonly rules: readonly InternetRule[];
  /** Other policies that select a common pod, and without which the opening would stay below the threshold. */
  readonly others: readonly Policy[];
  /** The pods that all of them select. */
  readonly pods: LabelSelector;
  /** What all of them open together. */
  readonly addresses: AddressSet;
  readonly blamed: boolean;
}

/**
 * openingsFor finds what the changed policy opens for one aim; `spared` is what a broader rule has reported. Throws
 * BudgetSpent.
 */
export function openingsFor(situation: Situation, aim: Aim, spared = AddressSet.empty): readonly Opening[] {
  const { policy, settings } = situation;
  if (policy === undefined) return [];
  const pods = policy.subject;
  const openings: Opening[] = [];
  const small: InternetRule[] = [];
  const lessSpared = without(spared);
  for (const open of internetRules(policy)) {
    if (!aimsAt(open, aim)) continue;
    const addresses = opensAlone(open, aim);
    const rest = lessSpared(addresses);
    if (!passesAlone(rest, settings.dns)) small.push(open);
    else {
      const opened = { aim, rules: [open], pods };
      openings.push({ ...opened, others: [], addresses, blamed: isBlamed(situation, opened, rest) });
    }
  }
  if (openings.length > 0) return widened(situation, openings, small, spared);
  const together = addUp(situation, small, aim, spared);
  return together === undefined ? [] : [together];
}

/** Many rules share few sets of addresses, so each is cut once. */
function without(spared: AddressSet): (addresses: AddressSet) => AddressSet {
  const known = new Map<AddressSet, AddressSet>();
  return (addresses) => {
    const rest = known.get(addresses) ?? addresses.subtract(spared);
    known.set(addresses, rest);
    return rest;
  };
}

/** Rules below the threshold that open more than what the policy opens to anywhere make its first opening larger. */
function widened(
  situation: Situation,
  openings: readonly Opening[],
  small: readonly InternetRule[],
  spared: AddressSet,
): readonly Opening[] {
  const [first, ...others] = openings;
  if (first === undefined || small.length === 0) return openings;
  const { aim } = first;
  const all = openings.flatMap(({ rules }) => rules).concat(small);
  if (isTangled(all, aim)) return openings;
  const wide = AddressSet.unionAll([...new Set(openings.map(({ addresses }) => addresses))]);
  const more = openAddresses(all, aim).subtract(wide).subtract(spared);
  const beyond = small.filter((open) => open.addresses.intersects(more));
  if (beyond.length === 0) return openings;
  const larger = { ...first, rules: [...first.rules, ...beyond], addresses: first.addresses.union(more) };
  return [{ ...larger, blamed: isBlamed(situation, larger, larger.addresses.subtract(spared)) }, ...others];
}

const passes = new Memo<AddressSet, boolean>();

/** Many rules share few sets of addresses, so each set is measured once. */
function passesAlone(addresses: AddressSet, { anywhereThreshold }: Settings['dns']): boolean {
  const { numerator, denominator } = anywhereThreshold;
  return passes.get(addresses, `${numerator}/${denominator}`, () => isAnywhere(addresses, anywhereThreshold));
}

/**
 * addUp checks whether rules below the threshold pass it together, within the policy or with others on a common pod.
 */
function addUp(
  situation: Situation,
  small: readonly InternetRule[],
  aim: Aim,
  spared: AddressSet,
): Opening | undefined {
  const { policy, settings, after, budget } = situation;
  if (policy === undefined || small.length === 0) return undefined;
  const candidates = [...after.selecting(smallOpeners(settings, aim), policy.subject)].filter(
    (other) => other !== policy,
  );
  if (!mayAddUp(situation, small, candidates, aim)) return undefined;
  const ports = searchedPorts(situation, small, candidates, aim);
  const search = new OpeningSearch({ ports, aim, threshold: settings.dns.anywhereThreshold, spared, budget });
  const openingWith = ({ others, common: pods }: Combination): Opening => {
    const rules = [...small, ...others.flatMap(internetRules)];
    budget.spend(ports.length * [policy, ...others].reduce((steps, one) => steps + stepsThrough(one), 0));
    const addresses = openAddresses(rules, aim).subtract(spared);
    const opened = { aim, rules: small, pods };
    return { ...opened, others, addresses, blamed: isBlamed(situation, opened, addresses) };
  };
  let stood: Opening | undefined;
  const found = search.find(small, policy.subject, candidates, (combination) => {
    if (search.standsAlone(combination.others)) return false;
    const opening = openingWith(combination);
    if (!opening.blamed) stood ??= opening;
    return opening.blamed;
  });
  return found === undefined ? stood : openingWith(found);
}

/** What is open on every port is open on the DNS ports too, and that is quick to add up. */
function mayAddUp(
  { settings: { dns }, budget }: Situation,
  small: readonly InternetRule[],
  candidates: readonly Policy[],
  aim: Aim,
): boolean {
  return (aim.port === 'every' ? dns.ports : [aim.port]).every((port) => {
    const at = { ...aim, port };
    if (mostTogether(small, candidates, at, budget) < leastShare(dns.anywhereThreshold)) return false;
    const sets = [openAddresses(small, at), ...candidates.map((other) => policyAddresses(other, at, budget))];
    budget.spend(sets.reduce((steps, set) => steps + 3 * set.steps, 0));
    return isAnywhere(AddressSet.unionAll([...new Set(sets)]).inFamily(aim.family), dns.anywhereThreshold);
  });
}

/**
 * As if they had no address in common. Stored policies are measured once, and the rest when they were checked on their
 * own.
 */
function mostTogether(
  small: readonly InternetRule[],
  candidates: readonly Policy[],
  aim: PortAim,
  budget: Budget,
): number {
  const own = small.filter((open) => aimsAt(open, aim)).map((open) => opensAlone(open, aim));
  const sets = new Set([...own, ...candidates.map((other) => policyAddresses(other, aim, budget))]);
  budget.spend(sets.size);
  return [...sets].reduce((share, set) => share + shareOf(set, aim.family, budget), 0);
}

function searchedPorts(
  { settings, budget }: Situation,
  small: readonly InternetRule[],
  candidates: readonly Policy[],
  aim: Aim,
): readonly PortAim['port'][] {
  if (aim.port !== 'every') return [aim.port];
  const rules = [...small];
  for (const other of candidates) {
    budget.spend(internetRules(other).length);
    rules.push(...internetRules(other));
  }
  const ports = [...new Set([...settings.dns.ports, ...portsToCompare(rules, aim)])];
  if (ports.length > MAX_STRETCHES) throw new BudgetSpent();
  return ports;
}

const classes = new Memo<Settings, PolicyClass>();

/** smallOpeners is the class of policies that open something for the aim but stay below the threshold on their own. */
function smallOpeners(settings: Settings, aim: Aim): PolicyClass {
  const includes = (policy: Policy) => {
    const rules = internetRules(policy);
    if (!rules.some((open) => aimsAt(open, aim))) return false;
    return isTangled(rules, aim) || !isAnywhere(openAddresses(rules, aim), settings.dns.anywhereThreshold);
  };
  return classes.get(settings, aimText(aim), () => ({ includes }));
}
