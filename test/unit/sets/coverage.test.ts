import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Budget } from '../../../src/sets/budget.ts';
import { isCovered } from '../../../src/sets/coverage.ts';
import { LabelSelector, type Requirement } from '../../../src/sets/label-selector.ts';
import { allLabels, selector } from './arbitraries.ts';
import { pigeonhole } from './pigeonhole.ts';

const of = (...lines: Requirement[]) => LabelSelector.of(new Map(), lines);
const isIn = (key: string, ...values: string[]): Requirement => ({ key, operator: 'In', values });
const notIn = (key: string, ...values: string[]): Requirement => ({ key, operator: 'NotIn', values });

/**
 * Every cover fixes two of `keys` keys, each to one of two values, and no labels escape them all or few do:
 * no key can be cut alone, so only branching decides.
 */
function overlappingPairs(keys: number): LabelSelector[] {
  const covers: LabelSelector[] = [];
  for (let i = 0; i < keys; i += 1) {
    for (let j = i + 1; j < keys; j += 1) covers.push(of(isIn(`k${i}`, 'a'), notIn(`k${j}`, 'b')));
  }
  return covers;
}

describe('isCovered', () => {
  it('agrees with brute force over mentioned values, absence and a fresh value, and its witness escapes', () => {
    fc.assert(
      fc.property(selector, fc.array(selector, { maxLength: 8 }), (subject, covers) => {
        const escapes = allLabels.some(
          (labels) => subject.matches(labels) && !covers.some((cover) => cover.matches(labels)),
        );
        const answer = isCovered(subject, covers, new Budget());
        expect(answer.kind).toBe(escapes ? 'uncovered' : 'covered');
        if (answer.kind !== 'uncovered') return;
        expect(subject.matches(answer.witness)).toBe(true);
        expect(covers.filter((cover) => cover.matches(answer.witness))).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });

  it('sees a union that no single cover makes', () => {
    const halves = [of(isIn('x', 'a')), of(notIn('x', 'a'))];
    expect(isCovered(LabelSelector.everything, halves, new Budget()).kind).toBe('covered');
  });

  it('leaves the subject that it was given as it was', () => {
    const subject = of(isIn('x', 'a', 'b'));
    isCovered(subject, [of(isIn('x', 'a'))], new Budget());
    expect([...subject.constraints]).toEqual([...of(isIn('x', 'a', 'b')).constraints]);
  });

  it('never contradicts itself: with a smaller budget it gives the same answer or none', () => {
    fc.assert(
      fc.property(selector, fc.array(selector, { maxLength: 8 }), fc.nat(20), (subject, covers, left) => {
        const answer = isCovered(subject, covers, new Budget(5 * left));
        if (answer.kind !== 'unknown') expect(answer.kind).toBe(isCovered(subject, covers, new Budget()).kind);
      }),
    );
  });

  it('proves a small pigeonhole', () => {
    expect(isCovered(LabelSelector.everything, pigeonhole(3), new Budget()).kind).toBe('covered');
  });

  it('answers unknown at once where there are more covers than budget', () => {
    const covers = Array.from({ length: 1000 }, (_, n) => of(notIn('x', `${n}`), notIn('y', `${n}`)));
    expect(isCovered(of(isIn('y', 'a')), covers, new Budget(1000)).kind).toBe('unknown');
  });

  it('cuts a thousand overlapping covers without branching where each narrows one key', () => {
    const values = Array.from({ length: 1000 }, (_, n) => `v${n}`);
    const covers = values.map((value, n) => of(isIn('x', value, `v${n + 1}`)));
    const budget = new Budget(30 * covers.length);
    expect(isCovered(LabelSelector.everything, covers, budget)).toEqual({ kind: 'uncovered', witness: new Map() });
    const complete = [...covers, of(notIn('x', ...values))];
    expect(isCovered(LabelSelector.everything, complete, new Budget()).kind).toBe('covered');
  });

  it('finds the pod without labels among a thousand overlapping covers of two keys at once', () => {
    const covers = Array.from({ length: 1000 }, (_, n) =>
      of(isIn('app', `app-${n}`, `app-${n + 1}`), notIn('tier', `tier-${n % 7}`)),
    );
    const answer = isCovered(LabelSelector.everything, covers, new Budget(50 * covers.length));
    expect(answer).toEqual({ kind: 'uncovered', witness: new Map() });
  });

  it('finds the way out of overlapping pairs', () => {
    const covers = overlappingPairs(12);
    const answer = isCovered(LabelSelector.everything, covers, new Budget());
    if (answer.kind !== 'uncovered') throw new Error(`expected a witness, got ${answer.kind}`);
    expect(covers.some((cover) => cover.matches(answer.witness))).toBe(false);
  });
});
