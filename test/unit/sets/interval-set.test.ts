import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IntervalSet } from '../../../src/sets/interval-set.ts';
import { SMALL_END, smallSet, spread } from './arbitraries.ts';

const universe = Array.from({ length: SMALL_END + 1 }, (_, n) => n);
const members = (set: IntervalSet<number>) => universe.filter((n) => set.has(n));
const where = (keep: (n: number) => boolean) => universe.filter(keep);

function expectCanonical<T extends number | bigint>(set: IntervalSet<T>) {
  expect(set.bounds.length % 2).toBe(0);
  for (const [i, bound] of set.bounds.entries()) {
    const next = set.bounds[i + 1];
    if (next !== undefined) expect(bound < next).toBe(true);
  }
}

describe('IntervalSet', () => {
  it('agrees with brute force on membership, for one interval', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: SMALL_END }), fc.integer({ min: 0, max: SMALL_END }), (start, end) => {
        expect(members(IntervalSet.of<number>(start, end))).toEqual(where((n) => start <= n && n < end));
      }),
    );
  });

  it('agrees with brute force on union, intersection and difference', () => {
    fc.assert(
      fc.property(smallSet, smallSet, (a, b) => {
        expect(members(a.union(b))).toEqual(where((n) => a.has(n) || b.has(n)));
        expect(members(a.intersect(b))).toEqual(where((n) => a.has(n) && b.has(n)));
        expect(members(a.subtract(b))).toEqual(where((n) => a.has(n) && !b.has(n)));
        expect(a.isSubset(b)).toBe(universe.every((n) => !a.has(n) || b.has(n)));
        expect(a.intersects(b)).toBe(universe.some((n) => a.has(n) && b.has(n)));
        expect(a.isEmpty).toBe(members(a).length === 0);
        expect(a.equals(b)).toBe(members(a).join() === members(b).join());
      }),
    );
  });

  it('is canonical whatever built it: equal sets have equal bounds', () => {
    fc.assert(
      fc.property(smallSet, smallSet, smallSet, (a, b, c) => {
        for (const set of [a, a.union(b), a.intersect(b), a.subtract(b), IntervalSet.unionAll([a, b, c])]) {
          expectCanonical(set);
        }
        expect(a.subtract(b).union(a.intersect(b)).bounds).toEqual(a.bounds);
        expect(IntervalSet.unionAll([a, b, c]).bounds).toEqual(a.union(b).union(c).bounds);
        expect(IntervalSet.unionAll([...a.intervals()].map(([x, y]) => IntervalSet.of(x, y))).bounds).toEqual(a.bounds);
      }),
    );
  });

  it('obeys the laws of sets', () => {
    fc.assert(
      fc.property(smallSet, smallSet, smallSet, (a, b, c) => {
        expect(a.union(b).equals(b.union(a))).toBe(true);
        expect(a.intersect(b).equals(b.intersect(a))).toBe(true);
        expect(a.union(b.union(c)).equals(a.union(b).union(c))).toBe(true);
        expect(a.intersect(b.union(c)).equals(a.intersect(b).union(a.intersect(c)))).toBe(true);
        expect(a.subtract(b).intersects(b)).toBe(false);
        expect(a.subtract(b.union(c)).equals(a.subtract(b).subtract(c))).toBe(true);
        expect(a.isSubset(a.union(b))).toBe(true);
        expect(a.subtract(a).isEmpty).toBe(true);
      }),
    );
  });

  it('does the same over bigints, up to 128 bits', () => {
    fc.assert(
      fc.property(smallSet, smallSet, (a, b) => {
        expectCanonical(spread(a));
        expect(spread(a).union(spread(b)).bounds).toEqual(spread(a.union(b)).bounds);
        expect(spread(a).subtract(spread(b)).bounds).toEqual(spread(a.subtract(b)).bounds);
        expect(spread(a).intersect(spread(b)).bounds).toEqual(spread(a.intersect(b)).bounds);
        for (const n of universe) expect(spread(a).has((BigInt(n) << 120n) + 1n)).toBe(a.has(n));
      }),
    );
  });

  it('joins intervals that touch', () => {
    expect(IntervalSet.of<number>(1, 5).union(IntervalSet.of<number>(5, 9)).bounds).toEqual([1, 9]);
  });
});
