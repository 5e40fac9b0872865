import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ValueSet } from '../../../src/sets/value-set.ts';
import { LABEL_VALUES, valueSet } from './arbitraries.ts';

const members = (set: ValueSet) => LABEL_VALUES.filter((value) => set.has(value));

describe('ValueSet', () => {
  it('agrees with brute force over the mentioned values, absence and a fresh value', () => {
    fc.assert(
      fc.property(valueSet, valueSet, (a, b) => {
        expect(members(a.union(b))).toEqual(LABEL_VALUES.filter((value) => a.has(value) || b.has(value)));
        expect(members(a.intersect(b))).toEqual(LABEL_VALUES.filter((value) => a.has(value) && b.has(value)));
        expect(members(a.negate())).toEqual(LABEL_VALUES.filter((value) => !a.has(value)));
        expect(a.intersects(b)).toBe(LABEL_VALUES.some((value) => a.has(value) && b.has(value)));
        expect(a.isSubset(b)).toBe(LABEL_VALUES.every((value) => !a.has(value) || b.has(value)));
        expect(a.isEmpty).toBe(members(a).length === 0);
      }),
    );
  });

  it('gives as example a member of its own', () => {
    fc.assert(
      fc.property(valueSet, (set) => {
        fc.pre(!set.isEmpty);
        expect(set.has(set.example())).toBe(true);
      }),
    );
  });

  it('finds a fresh example whatever is excluded', () => {
    const excluded = ['other', 'other-2', 'other-3'];
    expect(new ValueSet(excluded, true, false).example()).toBe('other-4');
  });

  it('tells the empty string from absence', () => {
    const empty = new ValueSet([''], false, false);
    expect(empty.has('')).toBe(true);
    expect(empty.has(undefined)).toBe(false);
  });
});
