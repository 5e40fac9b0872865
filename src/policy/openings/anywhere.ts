import { AddressSet } from '../../sets/address-set.ts';
import { isAnywhere } from '../../sets/globally-routable.ts';
import type { LabelSelector } from '../../sets/label-selector.ts';
import type { Policy } from '../model.ts';
import type { PolicyClass } from '../namespace-policies.ts';
import { Remembered } from '../remembered.ts';
import type { Settings } from '../settings.ts';
import type { Situation } from '../situation.ts';
import { blameFor } from './blame.ts';
import {
  type Aim,
  aimsAt,
  aimText,
  type InternetRule,
  internetRules,
  isTangled,
  openAddresses,
  opensAlone,
  reachable,
} from './internet-rules.ts';
import { type Combination, OpeningSearch } from './search.ts';

/** Opening is an unrestricted destination that the changed policy opens, alone or with others. */
export interface Opening {
  readonly aim: Aim;
  /** The rules of the changed policy that are part of it. */
  readonly rules: readonly InternetRule[];
  /** Other policies that select a common pod and without which it would stay below the threshold. */
  readonly others: readonly Policy[];
  /** The pods that all of them select. */
  readonly pods: LabelSelector;
  /** What all of them open together. */
  readonly addresses: AddressSet;
  readonly blamed: boolean;
  /** Why it is not certain, as a clause. */
  readonly uncertain?: string;
}

const TOO_MANY = 'too many policies open parts of the Internet to decide whether one pod gets them all';
const TOO_MANY_PORTS = 'the rules cut the ports into too many pieces to decide whether they add up to every port';

/** openingsFor finds what the changed policy opens for one aim; what a greater rule has reported is `spared`. */
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
      const blame = blameFor(situation, [open], aim, rest, pods);
      openings.push({ aim, rules: [open], others: [], pods, addresses, ...blame });
    }
  }
  const [first, ...others] = openings;
  if (first !== undefined) return [widened(situation, first, others, small, spared), ...others];
  const together = small.length === 0 ? undefined : addUp(situation, policy, small, aim, spared);
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

/** Rules below the threshold that reach past what the policy opens to anywhere make its opening larger. */
function widened(
  situation: Situation,
  first: Opening,
  others: readonly Opening[],
  small: readonly InternetRule[],
  spared: AddressSet,
): Opening {
  const { aim, pods } = first;
  const all = [first, ...others].flatMap(({ rules }) => rules).concat(small);
  if (small.length === 0 || isTangled(all, aim)) return first;
  const wide = AddressSet.unionAll([...new Set([first, ...others].map(({ addresses }) => addresses))]);
  const more = openAddresses(all, aim).subtract(wide).subtract(spared);
  const beyond = small.filter((open) => open.addresses.intersects(more));
  if (beyond.length === 0) return first;
  const rules = [...first.rules, ...beyond];
  const addresses = first.addresses.union(more);
  return { ...first, rules, addresses, ...blameFor(situation, rules, aim, addresses.subtract(spared), pods) };
}

const passes = new Remembered<AddressSet, boolean>();

/** Many rules share few sets of addresses, so each set is measured once. */
function passesAlone(addresses: AddressSet, { anywhereThreshold }: Settings['dns']): boolean {
  const { numerator, denominator } = anywhereThreshold;
  return passes.get(addresses, `${numerator}/${denominator}`, () => isAnywhere(addresses, anywhereThreshold));
}

/** addUp looks whether rules below the threshold pass it together, within the policy or with others on a common pod. */
function addUp(
  situation: Situation,
  policy: Policy,
  small: readonly InternetRule[],
  aim: Aim,
  spared: AddressSet,
): Opening | undefined {
  const { settings, after } = situation;
  const threshold = settings.dns.anywhereThreshold;
  const candidates = [...after.selecting(smallOpeners(settings, aim), policy.subject)].filter(
    (other) => other !== policy,
  );
  const all = [...small, ...candidates.flatMap(internetRules)];
  if (!isAnywhere(reachable(all, aim).subtract(spared), threshold)) return undefined;
  if (isTangled(all, aim)) {
    const nobody = { others: [], pods: policy.subject, addresses: AddressSet.empty };
    return { aim, rules: small, ...nobody, blamed: true, uncertain: TOO_MANY_PORTS };
  }
  if (!isAnywhere(openAddresses(all, aim).subtract(spared), threshold)) return undefined;
  const openingWith = ({ others, common: pods }: Combination): Opening => {
    const addresses = openAddresses([...small, ...others.flatMap(internetRules)], aim).subtract(spared);
    return { aim, rules: small, others, pods, addresses, ...blameFor(situation, small, aim, addresses, pods) };
  };
  let stood: Combination | undefined;
  const found = new OpeningSearch(threshold, aim, small, spared).find(policy.subject, candidates, (combination) => {
    stood ??= combination;
    return openingWith(combination).blamed;
  });
  if (found === 'unknown') {
    return { ...openingWith({ others: [], common: policy.subject }), blamed: true, uncertain: TOO_MANY };
  }
  if (found !== undefined) return openingWith(found);
  return stood === undefined ? undefined : { ...openingWith(stood), blamed: false };
}

const classes = new Remembered<Settings, PolicyClass>();

/** smallOpeners is the class of policies that open something for the aim, and alone stay below the threshold. */
function smallOpeners(settings: Settings, aim: Aim): PolicyClass {
  const includes = (policy: Policy) => {
    const rules = internetRules(policy);
    if (!rules.some((open) => aimsAt(open, aim))) return false;
    return isTangled(rules, aim) || !isAnywhere(openAddresses(rules, aim), settings.dns.anywhereThreshold);
  };
  return classes.get(settings, aimText(aim), () => ({ includes }));
}
