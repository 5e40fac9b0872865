import { ValueSet } from './value-set.ts';

/** Labels are the labels of one object. A Map, since `__proto__` and `constructor` are valid label keys. */
export type Labels = ReadonlyMap<string, string>;

/** Requirement is one line of a LabelSelector's `matchExpressions`. */
export interface Requirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  readonly values: readonly string[];
}

/**
 * LabelSelector is a conjunction of constraints, at most one per key, none of which is trivial.
 * It is the exact set of label sets it picks; two selectors with equal `key` pick the same.
 */
export class LabelSelector {
  readonly constraints: ReadonlyMap<string, ValueSet>;
  /** Whether no labels at all can match, such as `In [a]` together with `NotIn [a]`. */
  readonly isEmpty: boolean;
  /** The number of values named; what it costs to compare two selectors is bounded by the smaller one. */
  readonly weight: number;
  private canonical: string | undefined;

  constructor(constraints: ReadonlyMap<string, ValueSet>) {
    this.constraints = constraints;
    let empty = false;
    let weight = constraints.size;
    for (const set of constraints.values()) {
      if (set.isEmpty) empty = true;
      weight += set.values.size;
    }
    this.isEmpty = empty;
    this.weight = weight;
  }

  /** Picks everything: `{}`. */
  static readonly everything: LabelSelector = new LabelSelector(new Map());

  static of(matchLabels: Labels, matchExpressions: readonly Requirement[] = []): LabelSelector {
    if (matchLabels.size === 0 && matchExpressions.length === 0) return LabelSelector.everything;
    const constraints = new Map<string, ValueSet>();
    const add = (key: string, set: ValueSet) => constraints.set(key, constraints.get(key)?.intersect(set) ?? set);
    for (const [key, value] of matchLabels) add(key, new ValueSet([value], false, false));
    for (const { key, operator, values } of withNotInOnce(matchExpressions)) add(key, valuesOf(operator, values));
    return new LabelSelector(constraints);
  }

  /** exactly returns the selector that picks objects with these labels, whatever other labels they have. */
  static exactly(labels: Labels): LabelSelector {
    return LabelSelector.of(labels);
  }

  /** A canonical spelling: equal for selectors with the same constraints, for indexing and comparing. */
  get key(): string {
    this.canonical ??= JSON.stringify(
      [...this.constraints]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, set]) => [key, set.complement, set.absent, ...[...set.values].sort()]),
    );
    return this.canonical;
  }

  get isEverything(): boolean {
    return this.constraints.size === 0;
  }

  matches(labels: Labels): boolean {
    for (const [key, set] of this.constraints) if (!set.has(labels.get(key))) return false;
    return true;
  }

  intersects(other: LabelSelector): boolean {
    if (this.isEmpty || other.isEmpty) return false;
    const [few, many] = this.constraints.size <= other.constraints.size ? [this, other] : [other, this];
    for (const [key, set] of few.constraints) {
      const theirs = many.constraints.get(key);
      if (theirs !== undefined && !set.intersects(theirs)) return false;
    }
    return true;
  }

  intersect(other: LabelSelector): LabelSelector {
    if (this.isEverything) return other;
    if (other.isEverything) return this;
    const constraints = new Map(this.constraints);
    for (const [key, set] of other.constraints) constraints.set(key, constraints.get(key)?.intersect(set) ?? set);
    return new LabelSelector(constraints);
  }

  isSubset(other: LabelSelector): boolean {
    if (this.isEmpty) return true;
    for (const [key, set] of other.constraints) {
      if (!(this.constraints.get(key) ?? ValueSet.anything).isSubset(set)) return false;
    }
    return true;
  }

  /** example returns labels that the selector picks, as few as possible. Call it on non-empty selectors only. */
  example(): Labels {
    const labels = new Map<string, string>();
    for (const [key, set] of this.constraints) {
      const value = set.example();
      if (value !== undefined) labels.set(key, value);
    }
    return labels;
  }
}

/** withNotInOnce joins the `NotIn` of each key: one by one, each would copy all that those before it exclude. */
function withNotInOnce(requirements: readonly Requirement[]): readonly Requirement[] {
  const excluded = new Map<string, Set<string>>();
  for (const { key, operator, values } of requirements) {
    if (operator !== 'NotIn') continue;
    const of = excluded.get(key) ?? new Set();
    excluded.set(key, of);
    for (const value of values) of.add(value);
  }
  return requirements.flatMap((requirement) => {
    if (requirement.operator !== 'NotIn') return [requirement];
    const values = excluded.get(requirement.key);
    excluded.delete(requirement.key);
    return values === undefined ? [] : [{ ...requirement, values: [...values] }];
  });
}

function valuesOf(operator: Requirement['operator'], values: readonly string[]): ValueSet {
  switch (operator) {
    case 'In':
      return new ValueSet(values, false, false);
    case 'NotIn':
      return new ValueSet(values, true, true);
    case 'Exists':
      return new ValueSet([], true, false);
    case 'DoesNotExist':
      return new ValueSet([], false, true);
  }
}
