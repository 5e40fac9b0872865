import { AddressSet } from '../../sets/address-set.ts';
import { isAnywhere } from '../../sets/globally-routable.ts';
import type { LabelSelector } from '../../sets/label-selector.ts';
import type { Policy } from '../model.ts';
import type { PolicyClass } from '../namespace-policies.ts';
import { Remembered } from '../remembered.ts';
import type { Settings } from '../settings.ts';
import type { Situation } from '../situation.ts';
import { blameFor } from './blame.ts';
import { INTERNET } from './fresh.ts';
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
  /** What all of them open together. */
  readonly addresses: AddressSet;
  readonly blamed: boolean;
  /** Why it is not certain, as a clause. */
  readonly uncertain?: string;
}

const TOO_MANY = 'too many policies open parts of the Internet to decide whether one pod gets them all';
const TOO_MANY_PORTS = 'the rules cut the ports into too many pieces to decide whether they add up to every port';

/** openingsFor finds what the changed policy opens for one aim. */
export function openingsFor(situation: Situation, aim: Aim): readonly Opening[] {
  const { policy, settings } = situation;
  if (policy === undefined) return [];
  const openings: Opening[] = [];
  const small: InternetRule[] = [];
  for (const open of internetRules(policy)) {
    if (!aimsAt(open, aim)) continue;
    const addresses = opensAlone(open, aim);
    if (!passesAlone(addresses, settings.dns)) small.push(open);
    else
      openings.push({
        aim,
        rules: [open],
        others: [],
        addresses,
        ...blameFor(situation, [open], aim, addresses, policy.subject),
      });
  }
  const [first, ...rest] = openings;
  if (first !== undefined) return [widened(situation, first, openings, small), ...rest];
  const together = small.length === 0 ? undefined : addUp(situation, policy, small, aim);
  return together === undefined ? [] : [together];
}

/** Rules below the threshold that reach past what the policy opens to anywhere make its opening larger. */
function widened(
  situation: Situation,
  first: Opening,
  openings: readonly Opening[],
  small: readonly InternetRule[],
): Opening {
  const { aim } = first;
  const wide = AddressSet.unionAll([...new Set(openings.map(({ addresses }) => addresses))]);
  const beyond = small.filter((open) => !opensAlone(open, aim).isSubset(wide));
  if (beyond.length === 0 || situation.policy === undefined) return first;
  const rules = [...first.rules, ...beyond];
  const addresses = AddressSet.unionAll([first.addresses, ...beyond.map((open) => opensAlone(open, aim))]);
  return { ...first, rules, addresses, ...blameFor(situation, rules, aim, addresses, situation.policy.subject) };
}

const passes = new Remembered<AddressSet, boolean>();

/** Many rules share few sets of addresses, so each set is measured once. */
function passesAlone(addresses: AddressSet, { anywhereThreshold }: Settings['dns']): boolean {
  const { numerator, denominator } = anywhereThreshold;
  return passes.get(addresses, `${numerator}/${denominator}`, () => isAnywhere(addresses, anywhereThreshold));
}

/** addUp looks whether rules below the threshold pass it together, within the policy or with others on a common pod. */
function addUp(situation: Situation, policy: Policy, small: readonly InternetRule[], aim: Aim): Opening | undefined {
  const { settings, after } = situation;
  const threshold = settings.dns.anywhereThreshold;
  const candidates = [...after.selecting(smallOpeners(settings, aim), policy.subject)].filter(
    (other) => other !== policy,
  );
  const all = [...small, ...candidates.flatMap(internetRules)];
  if (!isAnywhere(reachable(all, aim), threshold)) return undefined;
  if (isTangled(all, aim)) {
    return { aim, rules: small, others: [], addresses: AddressSet.empty, blamed: true, uncertain: TOO_MANY_PORTS };
  }
  if (!isAnywhere(openAddresses(all, aim), threshold)) return undefined;
  const openingWith = ({ others, common }: Combination): Opening => {
    const addresses = openAddresses([...small, ...others.flatMap(internetRules)], aim);
    return { aim, rules: small, others, addresses, ...blameFor(situation, small, aim, addresses, common) };
  };
  const isNew = (combination: Combination) => {
    const { addresses, others, blamed } = openingWith(combination);
    const part = reachable(small, aim).intersect(addresses);
    const isCovered = () => part.isSubset(openedByOthers(situation, policy, aim, combination.common));
    return blamed && (others.length === 0 || !isCovered());
  };
  const search = new OpeningSearch(threshold, aim, small);
  const found = search.find(policy.subject, candidates, isNew);
  if (found === 'unknown') {
    return { ...openingWith({ others: [], common: policy.subject }), blamed: true, uncertain: TOO_MANY };
  }
  if (found !== undefined) return openingWith(found);
  const stood =
    situation.change.operation === 'AUDIT' ? undefined : search.find(policy.subject, candidates, () => true);
  return stood === undefined || stood === 'unknown' ? undefined : { ...openingWith(stood), blamed: false };
}

/** In an audit, what policies that pass the threshold alone open to the same pods: there is nothing to add up. */
function openedByOthers(
  { after, settings, change }: Situation,
  policy: Policy,
  aim: Aim,
  pods: LabelSelector,
): AddressSet {
  if (change.operation !== 'AUDIT') return AddressSet.empty;
  const small = smallOpeners(settings, aim);
  const sets: AddressSet[] = [];
  for (const other of after.selecting(INTERNET, pods)) {
    if (other === policy || small.includes(other) || !pods.isSubset(other.subject)) continue;
    sets.push(openAddresses(internetRules(other), aim));
  }
  return AddressSet.unionAll(sets);
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
