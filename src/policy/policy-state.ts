import { type Budget, type Coverage, isCovered } from '../sets/coverage.ts';
import type { LabelSelector, Labels } from '../sets/label-selector.ts';
import type { Policy } from './model.ts';
import { NamespacePolicies, type PolicyClass } from './namespace-policies.ts';

/** PolicyState is the policies of one namespace at one moment: what is stored, with one object put in, replaced or taken out. */
export class PolicyState {
  private readonly stored: NamespacePolicies;
  private readonly hidden: Policy | undefined;
  private readonly added: Policy | undefined;

  /** `name` is the object's name, whatever of that name is stored does not count; `policy` stands in its place. */
  constructor(stored: NamespacePolicies, name: string | undefined, policy: Policy | undefined) {
    this.stored = stored;
    this.hidden = name === undefined ? undefined : stored.get(name);
    this.added = policy;
  }

  static readonly empty: PolicyState = new PolicyState(new NamespacePolicies(), undefined, undefined);

  *all(): Generator<Policy> {
    if (this.added !== undefined) yield this.added;
    for (const policy of this.stored.all()) if (policy !== this.hidden) yield policy;
  }

  /** selecting yields the policies of a class that can select a pod which `subject` selects too; the added one first. */
  *selecting(policyClass: PolicyClass, subject: LabelSelector): Generator<Policy> {
    if (this.added !== undefined && policyClass.includes(this.added) && this.added.subject.intersects(subject)) {
      yield this.added;
    }
    for (const policy of this.stored.index(policyClass).intersecting(subject)) {
      if (policy !== this.hidden) yield policy;
    }
  }

  /** hasAny holds where some policy of the class can select one of these pods. */
  hasAny(policyClass: PolicyClass, subject: LabelSelector): boolean {
    return !this.selecting(policyClass, subject).next().done;
  }

  /** covers decides whether each pod that `subject` selects is selected by a policy of one of the classes. */
  covers(subject: LabelSelector, policyClasses: readonly PolicyClass[], budget: Budget): Coverage {
    return coveredBy(
      subject,
      policyClasses.map((policyClass) => ({ state: this, policyClass })),
      budget,
    );
  }

  /** addedCovers holds where the added policy, if of the class, selects all of these pods. */
  addedCovers(policyClass: PolicyClass, subject: LabelSelector): boolean {
    return this.added !== undefined && policyClass.includes(this.added) && subject.isSubset(this.added.subject);
  }

  /** matches holds where a policy of the class selects a pod with just these labels. */
  matches(policyClass: PolicyClass, labels: Labels): boolean {
    if (this.added?.subject.matches(labels) && policyClass.includes(this.added)) return true;
    return this.stored.index(policyClass).matches(labels, this.hidden);
  }

  /** universal returns a policy of the class that selects every pod. */
  universal(policyClass: PolicyClass): Policy | undefined {
    if (this.added?.subject.isEverything && policyClass.includes(this.added)) return this.added;
    return this.stored.index(policyClass).anyOfEverything(this.hidden);
  }
}

/**
 * coveredBy decides whether each pod that `subject` selects is selected by one of the policies of several classes, each
 * of a state of its own. What most questions need comes first: a policy for every pod, then the plainest pod there is.
 */
export function coveredBy(
  subject: LabelSelector,
  groups: readonly { readonly state: PolicyState; readonly policyClass: PolicyClass }[],
  budget: Budget,
): Coverage {
  if (subject.isEmpty) return { kind: 'covered' };
  for (const { state, policyClass } of groups) {
    if (state.addedCovers(policyClass, subject) || state.universal(policyClass) !== undefined)
      return { kind: 'covered' };
  }
  const witness = subject.example();
  if (!groups.some(({ state, policyClass }) => state.matches(policyClass, witness))) {
    return { kind: 'uncovered', witness };
  }
  const selectors = new Map<string, LabelSelector>();
  for (const { state, policyClass } of groups) {
    for (const policy of state.selecting(policyClass, subject)) {
      if (subject.isSubset(policy.subject)) return { kind: 'covered' };
      selectors.set(policy.subject.key, policy.subject);
    }
  }
  return isCovered(subject, selectors.values(), budget);
}
