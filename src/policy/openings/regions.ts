import { IntervalSet } from '../../sets/interval-set.ts';

/** Region is the addresses that exactly some of many sets have in common. */
export interface Region<T extends number | bigint> {
  readonly set: IntervalSet<T>;
  /** Indexes of the sets that hold it, in ascending order; never empty. */
  readonly members: readonly number[];
}

/**
 * regionsOf cuts the union of sets into regions that the same sets contain, in one sweep over their bounds. Regions of
 * the fewest sets come first. `spend` is called before each step.
 */
export function regionsOf<T extends number | bigint>(
  sets: readonly IntervalSet<T>[],
  spend: (steps: number) => void,
): readonly Region<T>[] {
  const bounds: { readonly at: T; readonly set: number }[] = [];
  for (const [set, { bounds: own }] of sets.entries()) {
    spend(own.length);
    for (const at of own) bounds.push({ at, set });
  }
  bounds.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  const found = new Map<string, { readonly parts: IntervalSet<T>[]; readonly members: readonly number[] }>();
  const active = new Set<number>();
  for (const [i, { at, set }] of bounds.entries()) {
    if (!active.delete(set)) active.add(set);
    const next = bounds[i + 1];
    if (next === undefined || next.at === at || active.size === 0) continue;
    spend(active.size);
    const members = [...active].sort((a, b) => a - b);
    const key = members.join();
    const region = found.get(key) ?? { parts: [], members };
    region.parts.push(IntervalSet.of(at, next.at));
    found.set(key, region);
  }
  return [...found.values()]
    .map(({ parts, members }) => ({ set: IntervalSet.unionAll(parts), members }))
    .sort((a, b) => a.members.length - b.members.length);
}
