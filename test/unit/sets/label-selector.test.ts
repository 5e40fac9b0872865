import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LabelSelector, type Labels, type Requirement } from '../../../src/sets/label-selector.ts';
import { allLabels, requirements, selector } from './arbitraries.ts';

/** The API's own words for each operator, one requirement at a time. */
function picks({ key, operator, values }: Requirement, labels: Labels): boolean {
  const value = labels.get(key);
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
  }
}

describe('LabelSelector', () => {
  it('matches where every requirement does', () => {
    fc.assert(
      fc.property(requirements, (lines) => {
        const compiled = LabelSelector.of(new Map(), lines);
        for (const labels of allLabels) {
          expect(compiled.matches(labels)).toBe(lines.every((line) => picks(line, labels)));
        }
      }),
    );
  });

  it('reads matchLabels as In with one value', () => {
    const labels = new Map([
      ['x', 'a'],
      ['__proto__', ''],
    ]);
    const lines = [...labels].map(([key, value]) => ({ key, operator: 'In' as const, values: [value] }));
    expect(LabelSelector.of(labels).key).toBe(LabelSelector.of(new Map(), lines).key);
    expect(LabelSelector.exactly(labels).matches(labels)).toBe(true);
    expect(LabelSelector.exactly(labels).matches(new Map([['x', 'a']]))).toBe(false);
  });

  it('agrees with brute force on intersection, containment and emptiness', () => {
    fc.assert(
      fc.property(selector, selector, (a, b) => {
        const both = allLabels.filter((labels) => a.matches(labels) && b.matches(labels));
        expect(allLabels.filter((labels) => a.intersect(b).matches(labels))).toEqual(both);
        expect(a.intersects(b)).toBe(both.length > 0);
        expect(a.isSubset(b)).toBe(allLabels.every((labels) => !a.matches(labels) || b.matches(labels)));
        expect(a.isEmpty).toBe(!allLabels.some((labels) => a.matches(labels)));
        expect(a.isEverything).toBe(allLabels.every((labels) => a.matches(labels)));
      }),
    );
  });

  it('has one key for one set of labels, in whatever order the requirements stand', () => {
    fc.assert(
      fc.property(requirements, selector, (lines, other) => {
        const a = LabelSelector.of(new Map(), lines);
        expect(LabelSelector.of(new Map(), lines.toReversed()).key).toBe(a.key);
        fc.pre(!a.isEmpty && !other.isEmpty);
        const same = allLabels.every((labels) => a.matches(labels) === other.matches(labels));
        expect(a.key === other.key).toBe(same);
      }),
    );
  });

  it('gives as example labels that it picks', () => {
    fc.assert(
      fc.property(selector, (a) => {
        fc.pre(!a.isEmpty);
        expect(a.matches(a.example())).toBe(true);
      }),
    );
  });
});
