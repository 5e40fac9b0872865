import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AddressSet } from '../../../src/sets/address-set.ts';
import { IntervalSet } from '../../../src/sets/interval-set.ts';
import { addressSet, SMALL_END } from './arbitraries.ts';

const points = Array.from({ length: SMALL_END + 1 }, (_, n) => n);
const inV6 = (n: number) => BigInt(n) << 120n;
const membership = (set: AddressSet) => points.map((n) => [set.v4.has(n), set.v6.has(inV6(n))]);

describe('AddressSet', () => {
  it('works on both families at once, as brute force does', () => {
    fc.assert(
      fc.property(addressSet, addressSet, (a, b) => {
        const expected = (combine: (inA: boolean, inB: boolean) => boolean) =>
          points.map((n) => [combine(a.v4.has(n), b.v4.has(n)), combine(a.v6.has(inV6(n)), b.v6.has(inV6(n)))]);
        expect(membership(a.union(b))).toEqual(expected((x, y) => x || y));
        expect(membership(a.intersect(b))).toEqual(expected((x, y) => x && y));
        expect(membership(a.subtract(b))).toEqual(expected((x, y) => x && !y));
        expect(a.intersects(b)).toBe(!a.intersect(b).isEmpty);
        expect(a.isSubset(b)).toBe(a.subtract(b).isEmpty);
        expect(a.equals(b)).toBe(a.isSubset(b) && b.isSubset(a));
      }),
    );
  });

  it('joins many sets as it joins two', () => {
    fc.assert(
      fc.property(fc.array(addressSet, { maxLength: 6 }), (sets) => {
        const pairwise = sets.reduce((joined, set) => joined.union(set), AddressSet.empty);
        expect(AddressSet.unionAll(sets).equals(pairwise)).toBe(true);
      }),
    );
  });

  it('tells a set with one family alone from an empty one', () => {
    expect(new AddressSet(IntervalSet.of<number>(1, 2), IntervalSet.empty()).isEmpty).toBe(false);
    expect(new AddressSet(IntervalSet.empty(), IntervalSet.of(1n, 2n)).isEmpty).toBe(false);
    expect(AddressSet.empty.isEmpty).toBe(true);
  });

  it('holds in `all` the first and the last address of each family, and nothing past them', () => {
    expect(AddressSet.all.v4.bounds).toEqual([0, 4_294_967_296]);
    expect(AddressSet.all.v6.bounds).toEqual([0n, 340_282_366_920_938_463_463_374_607_431_768_211_456n]);
  });
});
