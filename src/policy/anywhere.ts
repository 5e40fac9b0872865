import { AddressSet } from '../sets/address-set.ts';
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
  /** Why it is not certain, as a clause. */
  readonly uncertain?: string;
}

/** Branches of the search for policies with a common pod; real namespaces need a handful. */
const MAX_BRANCHES = 500;

const TOO_MANY = 'too many policies open parts of the Internet to decide whether one pod gets them all';

/** openingsFor finds what the changed policy opens for one aim. */
export function openingsFor(situation: Situation, aim: Aim): readonly Opening[] {
  const { policy, settings } = situation;
  if (policy === undefined) return [];
  const openings: Opening[] = [];
  const small: InternetRule[] = [];
  for (const open of internetRules(policy)) {
    if (!aimsAt(open, aim)) continue;
    const addresses = openAddresses([open], aim);
    if (!isAnywhere(addresses, settings.dns.anywhereThreshold)) small.push(open);
    else openings.push({ aim, rules: [open], others: [], addresses, blamed: isBlamed(situation, [open], aim) });
  }
  const together = small.length === 0 ? undefined : addUp(situation, policy, small, aim);
  return together === undefined ? openings : [...openings, together];
}

/** addUp looks whether rules below the threshold pass it together, within the policy or with others on a common pod. */
function addUp(situation: Situation, policy: Policy, small: readonly InternetRule[], aim: Aim): Opening | undefined {
  const { settings, after } = situation;
  const candidates = [...after.selecting(smallOpeners(settings, aim), policy.subject)].filter(
    (other) => other !== policy,
  );
  const others = new Search(settings, aim).othersFor(policy.subject, small, candidates);
  if (others === undefined) return undefined;
  const found = others === 'unknown' ? [] : others;
  const theirs = found.flatMap(internetRules);
  const isNeeded = !isAnywhere(openAddresses(theirs, aim), settings.dns.anywhereThreshold);
  if (!isNeeded) return undefined;
  const addresses = openAddresses([...small, ...theirs], aim);
  const opening = { aim, rules: small, others: found, addresses, blamed: isBlamed(situation, small, aim) };
  return others === 'unknown' ? { ...opening, uncertain: TOO_MANY } : opening;
}

/** Search finds policies that can select one common pod and together pass the threshold. */
class Search {
  private readonly settings: Settings;
  private readonly aim: Aim;
  private left = MAX_BRANCHES;

  constructor(settings: Settings, aim: Aim) {
    this.settings = settings;
    this.aim = aim;
  }

  /** othersFor returns the policies that it takes besides the rules given; undefined where none suffice. */
  othersFor(
    subject: LabelSelector,
    rules: readonly InternetRule[],
    candidates: readonly Policy[],
  ): readonly Policy[] | undefined | 'unknown' {
    if (this.passes(rules)) return [];
    const adding = candidates.filter((other) => this.addsTo(rules, internetRules(other)));
    const [first, ...rest] = adding;
    if (first === undefined || !this.passes([...rules, ...adding.flatMap(internetRules)])) return undefined;
    this.left -= 1;
    if (this.left < 0) return 'unknown';
    const common = subject.intersect(first.subject);
    const compatible = rest.filter((other) => other.subject.intersects(common));
    const withFirst = this.othersFor(common, [...rules, ...internetRules(first)], compatible);
    if (withFirst === 'unknown') return 'unknown';
    return withFirst === undefined ? this.othersFor(subject, rules, rest) : [first, ...withFirst];
  }

  private passes(rules: readonly InternetRule[]): boolean {
    return isAnywhere(openAddresses(rules, this.aim), this.settings.dns.anywhereThreshold);
  }

  private addsTo(rules: readonly InternetRule[], more: readonly InternetRule[]): boolean {
    return portsToCompare([...rules, ...more], this.aim).some((port) => {
      const there = { ...this.aim, port };
      return !openAddresses(more, there).isSubset(openAddresses(rules, there));
    });
  }
}

/**
 * isBlamed holds where the rules open something, on any port of the aim, that no policy opened to the same pods before;
 * the addresses in `except` do not count.
 */
export function isBlamed(
  situation: Situation,
  rules: readonly InternetRule[],
  aim: Aim,
  except: AddressSet = AddressSet.empty,
): boolean {
  const { before, policy, settings, change } = situation;
  if (policy === undefined) return false;
  if (change.operation === 'AUDIT') return true;
  const others = [...before.selecting(openers(settings, aim), policy.subject)];
  return portsToCompare([...rules, ...others.flatMap(internetRules)], aim).some((port) => {
    const there: Aim = { ...aim, port };
    const grants = others.map((other) => ({
      subject: other.subject,
      addresses: openAddresses(internetRules(other), there),
    }));
    return !isGranted(policy.subject, openAddresses(rules, there).subtract(except), grants);
  });
}

const classes = new WeakMap<Settings, Map<string, PolicyClass>>();

/** openers is the class of policies that open anything at all for the aim. */
function openers(settings: Settings, aim: Aim): PolicyClass {
  return classOf(settings, 'any', aim, (policy) => internetRules(policy).some((open) => aimsAt(open, aim)));
}

/** smallOpeners is the class of those that stay below the threshold alone. */
function smallOpeners(settings: Settings, aim: Aim): PolicyClass {
  return classOf(settings, 'small', aim, (policy) => {
    const rules = internetRules(policy);
    return (
      rules.some((open) => aimsAt(open, aim)) && !isAnywhere(openAddresses(rules, aim), settings.dns.anywhereThreshold)
    );
  });
}

function classOf(
  settings: Settings,
  name: string,
  { protocol, port, family }: Aim,
  includes: PolicyClass['includes'],
): PolicyClass {
  const known = classes.get(settings) ?? new Map<string, PolicyClass>();
  classes.set(settings, known);
  const key = `${name} ${protocol} ${port} ${family}`;
  const policyClass = known.get(key) ?? { includes };
  known.set(key, policyClass);
  return policyClass;
}
