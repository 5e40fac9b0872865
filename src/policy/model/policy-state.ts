import { Budget, BudgetSpent } from '../../sets/budget.ts';
import { type Coverage, isCovered } from '../../sets/coverage.ts';
import type { LabelSelector, Labels } from '../../sets/label-selector.ts';
import { NamespacePolicies, type PolicyClass } from './namespace-policies.ts';
import type { Policy } from './policy.ts';
import { policyKey } from './policy-key.ts';

const NONE: readonly Policy[] = [];

interface Replacement {
  /** As policyKey has it. */
  readonly key?: string | undefined;
  readonly policy?: Policy | undefined;
}

/**
 * PolicyState is the policies of one namespace at one moment: what is stored, with one object added, replaced or
 * removed, and with those of its baseline that are still to be applied.
 */
export class PolicyState {
  private readonly stored: NamespacePolicies;
  private readonly hidden: readonly Policy[];
  private readonly added: readonly Policy[];
  private readonly spend: (steps: number) => void;

  /**
   * Whatever is stored under that `key` does not count; `policy` takes its place. Those of `coming` take the place of
   * what is stored under their keys, except that one. Walking the policies costs budget; every method below throws
   * BudgetSpent unless its comment says otherwise.
   */
  constructor(
    stored: NamespacePolicies,
    { key, policy }: Replacement,
    coming: readonly Policy[] = NONE,
    budget: Budget = new Budget(),
  ) {
    this.spend = (steps) => budget.spend(steps);
    const own = policy === undefined ? NONE : [policy];
    const replaced = key === undefined ? undefined : stored.get(key);
    const gone = replaced === undefined ? NONE : [replaced];
    this.stored = stored;
    // Policies are hardly ever about to be applied, and every request makes two states.
    this.added = coming.length === 0 ? own : [...own, ...coming.filter(({ ref }) => policyKey(ref) !== key)];
    this.hidden =
      coming.length === 0 ? gone : [...gone, ...coming.flatMap(({ ref }) => stored.get(policyKey(ref) ?? '') ?? [])];
  }

  static readonly empty: PolicyState = new PolicyState(new NamespacePolicies(), {});

  *all(): Generator<Policy> {
    yield* this.added;
    for (const policy of this.stored.all()) if (!this.hidden.includes(policy)) yield policy;
  }

  /** selecting yields the policies of a class that can select a pod which `subject` selects too; the added ones first. */
  *selecting(policyClass: PolicyClass, subject: LabelSelector): Generator<Policy> {
    for (const policy of this.added) {
      if (policyClass.includes(policy) && policy.subject.intersects(subject)) yield policy;
    }
    for (const policy of this.stored.index(policyClass).intersecting(subject, this.spend)) {
      if (!this.hidden.includes(policy)) yield policy;
    }
  }

  /** hasAny holds if some policy of the class can select one of these pods. */
  hasAny(policyClass: PolicyClass, subject: LabelSelector): boolean {
    return !this.selecting(policyClass, subject).next().done;
  }

  /** includesAny holds if there is a policy of the class, for any pods. It costs no budget. */
  includesAny(policyClass: PolicyClass): boolean {
    if (this.added.some((policy) => policyClass.includes(policy))) return true;
    for (const policy of this.stored.index(policyClass).all()) if (!this.hidden.includes(policy)) return true;
    return false;
  }

  /** covers decides whether each pod that `subject` selects is selected by a policy of one of the classes; `unknown` once the budget is spent. */
  covers(subject: LabelSelector, policyClasses: readonly PolicyClass[], budget: Budget): Coverage {
    return coveredBy(
      subject,
      policyClasses.map((policyClass) => ({ state: this, policyClass })),
      budget,
    );
  }

  /** addedCovers holds if an added policy of the class selects all of these pods. */
  addedCovers(policyClass: PolicyClass, subject: LabelSelector): boolean {
    return this.added.some((policy) => policyClass.includes(policy) && subject.isSubset(policy.subject));
  }

  /** matches holds if a policy of the class selects a pod with exactly these labels. */
  matches(policyClass: PolicyClass, labels: Labels): boolean {
    if (this.added.some((policy) => policy.subject.matches(labels) && policyClass.includes(policy))) return true;
    return this.stored.index(policyClass).matches(labels, this.hidden, this.spend);
  }

  /** universal returns a policy of the class that selects every pod. */
  universal(policyClass: PolicyClass): Policy | undefined {
    const added = this.added.find((policy) => policy.subject.isEverything && policyClass.includes(policy));
    return added ?? this.stored.index(policyClass).anyOfEverything(this.hidden);
  }
}

/**
 * coveredBy decides whether each pod that `subject` selects is selected by one of the policies of several classes, each
 * of a state of its own; `unknown` once the budget is spent.
 */
export function coveredBy(subject: LabelSelector, groups: readonly Group[], budget: Budget): Coverage {
  try {
    return simplestFirst(subject, groups, budget);
  } catch (error) {
    if (error instanceof BudgetSpent) return { kind: 'unknown' };
    throw error;
  }
}

/** Selectors that name no more values than this are distinguished by their spelling. */
const SHORT = 50;

interface Group {
  readonly state: PolicyState;
  readonly policyClass: PolicyClass;
}

/** What settles most questions comes first: a policy for every pod, then the plainest possible pod. */
function simplestFirst(subject: LabelSelector, groups: readonly Group[], budget: Budget): Coverage {
  if (subject.isEmpty) return { kind: 'covered' };
  for (const { state, policyClass } of groups) {
    if (state.addedCovers(policyClass, subject) || state.universal(policyClass) !== undefined)
      return { kind: 'covered' };
  }
  const witness = subject.example();
  if (!groups.some(({ state, policyClass }) => state.matches(policyClass, witness))) {
    return { kind: 'uncovered', witness };
  }
  // The canonical spelling of a long selector is as long, and would be kept with it.
  const selectors = new Map<string | LabelSelector, LabelSelector>();
  for (const { state, policyClass } of groups) {
    for (const policy of state.selecting(policyClass, subject)) {
      const { subject: cover } = policy;
      if (subject.isSubset(cover)) return { kind: 'covered' };
      selectors.set(cover.weight > SHORT ? cover : cover.key, cover);
    }
  }
  return isCovered(subject, selectors.values(), budget);
}
