import { type Budget, BudgetSpent, VALUE_STEPS } from './budget.ts';
import { LabelSelector, type Labels } from './label-selector.ts';
import { ValueSet } from './value-set.ts';

/** Coverage is whether a union of selectors contains a selector; if not, `witness` are labels that escape. */
export type Coverage =
  | { readonly kind: 'covered' }
  | { readonly kind: 'uncovered'; readonly witness: Labels }
  | { readonly kind: 'unknown' };

const COVERED: Coverage = { kind: 'covered' };
const UNKNOWN: Coverage = { kind: 'unknown' };

/**
 * isCovered decides whether every label set that `subject` picks is picked by one of `covers`, over all the labels that
 * an object could carry. The question is coNP-complete, hence the budget; the answer is exact or `unknown`.
 *
 * Covers that constrain one key beyond the subject are cut off the subject directly, however many there are;
 * only overlapping covers with several such keys branch.
 */
export function isCovered(subject: LabelSelector, covers: Iterable<LabelSelector>, budget: Budget): Coverage {
  if (subject.isEmpty) return COVERED;
  try {
    const plainest = subject.example();
    const list: LabelSelector[] = [];
    let isPlainestCovered = false;
    for (const cover of covers) {
      budget.spend(VALUE_STEPS * (1 + cover.constraints.size));
      list.push(cover);
      isPlainestCovered ||= cover.matches(plainest);
    }
    if (!isPlainestCovered) return { kind: 'uncovered', witness: plainest };
    return search(new Map(subject.constraints), list, budget);
  } catch (error) {
    if (error instanceof BudgetSpent) return UNKNOWN;
    throw error;
  }
}

function search(subject: Map<string, ValueSet>, covers: readonly LabelSelector[], budget: Budget): Coverage {
  let remaining = covers;
  for (;;) {
    const step = cutSingles(subject, remaining, budget);
    if (step === 'covered') return COVERED;
    remaining = step.remaining.map(({ cover }) => cover);
    if (remaining.length === 0) return { kind: 'uncovered', witness: new LabelSelector(subject).example() };
    if (!step.changed) return branch(subject, step.remaining, budget);
  }
}

interface Candidate {
  readonly cover: LabelSelector;
  readonly openKeys: readonly string[];
}

/** cutSingles narrows `subject` in place by every cover that leaves one key open; what is left needs branching. */
function cutSingles(
  subject: Map<string, ValueSet>,
  covers: readonly LabelSelector[],
  budget: Budget,
): 'covered' | { remaining: readonly Candidate[]; changed: boolean } {
  const singles = new Map<string, ValueSet[]>();
  const remaining: Candidate[] = [];
  for (const cover of covers) {
    budget.spend(VALUE_STEPS * valuesToCompare(subject, cover));
    const openKeys = openKeysOf(subject, cover);
    if (openKeys === 'disjoint') continue;
    const [first] = openKeys;
    if (first === undefined) return 'covered';
    if (openKeys.length > 1) remaining.push({ cover, openKeys });
    else {
      const sets = singles.get(first);
      const set = cover.constraints.get(first) as ValueSet;
      if (sets === undefined) singles.set(first, [set]);
      else sets.push(set);
    }
  }
  for (const [key, sets] of singles) {
    const mine = subject.get(key) ?? ValueSet.anything;
    budget.spend(VALUE_STEPS * mine.values.size);
    const left = subtractAll(mine, sets);
    if (left.isEmpty) return 'covered';
    subject.set(key, left);
  }
  return { remaining, changed: singles.size > 0 };
}

/** Per key, the fewer values of the two are walked. */
function valuesToCompare(subject: ReadonlyMap<string, ValueSet>, { constraints }: LabelSelector): number {
  let count = 1;
  for (const [key, { values }] of constraints) count += 1 + Math.min(values.size, subject.get(key)?.values.size ?? 0);
  return count;
}

/** openKeysOf lists the keys on which the cover is narrower than the subject. */
function openKeysOf(subject: ReadonlyMap<string, ValueSet>, cover: LabelSelector): readonly string[] | 'disjoint' {
  if (cover.isEmpty) return 'disjoint';
  const open: string[] = [];
  for (const [key, set] of cover.constraints) {
    const mine = subject.get(key);
    if (mine === undefined) open.push(key);
    else if (!mine.intersects(set)) return 'disjoint';
    else if (!mine.isSubset(set)) open.push(key);
  }
  return open;
}

function branch(subject: Map<string, ValueSet>, candidates: readonly Candidate[], budget: Budget): Coverage {
  let chosen = candidates[0] as Candidate;
  for (const candidate of candidates) if (candidate.openKeys.length < chosen.openKeys.length) chosen = candidate;
  const rest = candidates.filter((candidate) => candidate !== chosen).map(({ cover }) => cover);
  const inside = new Map(subject);
  for (const key of chosen.openKeys) {
    const mine = inside.get(key) ?? ValueSet.anything;
    const theirs = chosen.cover.constraints.get(key) as ValueSet;
    budget.spend(VALUE_STEPS * (rest.length + mine.values.size + theirs.values.size));
    const result = search(new Map(inside).set(key, mine.intersect(theirs.negate())), rest, budget);
    if (result.kind !== 'covered') return result;
    inside.set(key, mine.intersect(theirs));
  }
  return COVERED;
}

/** subtractAll subtracts many sets in one pass over their values. */
function subtractAll(from: ValueSet, sets: readonly ValueSet[]): ValueSet {
  const members = new Set<string>();
  let outside = ValueSet.anything;
  let absent = false;
  for (const set of sets) {
    absent ||= set.absent;
    if (set.complement) outside = outside.intersect(set.negate());
    else for (const value of set.values) members.add(value);
  }
  return from.intersect(outside).intersect(new ValueSet(members, true, !absent));
}
