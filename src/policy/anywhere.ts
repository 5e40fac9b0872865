import type { AddressSet } from '../sets/address-set.ts';
import { isAnywhere } from '../sets/globally-routable.ts';
import type { LabelSelector } from '../sets/label-selector.ts';
import { isGranted } from './grants.ts';
import type { Policy } from './model.ts';
import type { PolicyClass } from './namespace-policies.ts';
import { type Aim, aimsAt, type InternetRule, internetRules, openAddresses, portsToCompare } from './openings.ts';
import type { Settings } from './settings.ts';
import type { Situation } from './situation.ts';

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
  /** Holds where the search for policies that add up ended at its budget. */
  readonly uncertain?: string;
}

/** Branches of the search for policies with a common pod; real namespaces need a handful. */
const MAX_BRANCHES = 500;

/** openingsFor finds what the changed policy opens for one aim, leaving out rules that were reported before. */
export function openingsFor(situation: Situation, aim: Aim, reported: ReadonlySet<InternetRule>): readonly Opening[] {
  const { policy, settings } = situation;
  if (policy === undefined) return [];
  const threshold = settings.dns.anywhereThreshold;
  const aimed = internetRules(policy).filter((open) => aimsAt(open.rule.ports, aim) && !reported.has(open));
  const openings: Opening[] = [];
  const small: InternetRule[] = [];
  for (const open of aimed) {
    const addresses = openAddresses([open], aim);
    if (!isAnywhere(addresses, threshold)) small.push(open);
    else openings.push({ aim, rules: [open], others: [], addresses, blamed: isBlamed(situation, [open], aim) });
  }
  const together = small.length === 0 ? undefined : addUp(situation, policy, small, aim);
  return together === undefined ? openings : [...openings, together];
}

/** addUp looks whether rules below the threshold pass it together, within the policy or with others on a common pod. */
function addUp(situation: Situation, policy: Policy, small: readonly InternetRule[], aim: Aim): Opening | undefined {
  const threshold = situation.settings.dns.anywhereThreshold;
  const own = openAddresses(small, aim);
  const blamed = () => isBlamed(situation, small, aim);
  if (small.length > 1 && isAnywhere(own, threshold)) {
    return { aim, rules: small, others: [], addresses: own, blamed: blamed() };
  }
  const candidates = [...situation.after.selecting(smallOpeners(situation.settings, aim), policy.subject)].filter(
    (other) => other !== policy,
  );
  const found = search(situation.settings, aim, policy.subject, small, candidates, { left: MAX_BRANCHES });
  if (found === undefined) return undefined;
  if (found === 'unknown') {
    const uncertain = 'too many policies open parts of the Internet to decide whether one pod gets them all';
    return { aim, rules: small, others: [], addresses: own, blamed: blamed(), uncertain };
  }
  const rules = [...small, ...found.flatMap(internetRules)];
  return { aim, rules: small, others: found, addresses: openAddresses(rules, aim), blamed: blamed() };
}

/** search finds policies that can select one common pod and together pass the threshold. */
function search(
  settings: Settings,
  aim: Aim,
  subject: LabelSelector,
  rules: readonly InternetRule[],
  candidates: readonly Policy[],
  budget: { left: number },
): readonly Policy[] | undefined | 'unknown' {
  const threshold = settings.dns.anywhereThreshold;
  if (isAnywhere(openAddresses(rules, aim), threshold)) return [];
  const [first, ...rest] = candidates;
  if (first === undefined) return undefined;
  const most = openAddresses([...rules, ...candidates.flatMap(internetRules)], aim);
  if (!isAnywhere(most, threshold)) return undefined;
  budget.left -= 1;
  if (budget.left < 0) return 'unknown';
  const common = subject.intersect(first.subject);
  const compatible = rest.filter((other) => other.subject.intersects(common));
  const withFirst = search(settings, aim, common, [...rules, ...internetRules(first)], compatible, budget);
  if (withFirst === 'unknown') return 'unknown';
  if (withFirst !== undefined) return [first, ...withFirst];
  return search(settings, aim, subject, rules, rest, budget);
}

/** isBlamed holds where the rules open something, on any port of the aim, that no policy opened to the same pods before. */
function isBlamed(situation: Situation, rules: readonly InternetRule[], aim: Aim): boolean {
  const { before, policy, settings, change } = situation;
  if (policy === undefined) return false;
  if (change.operation === 'AUDIT') return true;
  const others = [...before.selecting(openers(settings, aim), policy.subject)];
  const ports = portsToCompare([...rules, ...others.flatMap(internetRules)], aim);
  return ports.some((port) => {
    const there: Aim = { protocol: aim.protocol, port };
    const grants = others.map((other) => ({
      subject: other.subject,
      addresses: openAddresses(internetRules(other), there),
    }));
    return !isGranted(policy.subject, openAddresses(rules, there), grants);
  });
}

const classes = new WeakMap<Settings, Map<string, PolicyClass>>();

/** openers is the class of policies that open anything at all for the aim. */
export function openers(settings: Settings, aim: Aim): PolicyClass {
  return classOf(settings, `any ${aim.protocol} ${aim.port}`, (policy) =>
    internetRules(policy).some(({ rule }) => aimsAt(rule.ports, aim)),
  );
}

/** smallOpeners is the class of those that stay below the threshold alone. */
function smallOpeners(settings: Settings, aim: Aim): PolicyClass {
  return classOf(settings, `small ${aim.protocol} ${aim.port}`, (policy) => {
    const rules = internetRules(policy).filter(({ rule }) => aimsAt(rule.ports, aim));
    return rules.length > 0 && !isAnywhere(openAddresses(rules, aim), settings.dns.anywhereThreshold);
  });
}

function classOf(settings: Settings, key: string, includes: PolicyClass['includes']): PolicyClass {
  let known = classes.get(settings);
  if (known === undefined) {
    known = new Map();
    classes.set(settings, known);
  }
  let policyClass = known.get(key);
  if (policyClass === undefined) {
    policyClass = { includes };
    known.set(key, policyClass);
  }
  return policyClass;
}
