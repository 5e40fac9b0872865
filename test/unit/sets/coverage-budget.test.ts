import { expect, it } from 'vitest';
import { stepsOf } from '../../adversary/steps.ts';

// The engine must not be loaded before steps are counted.
const { Budget, DEFAULT_BUDGET } = await import('../../../src/sets/budget.ts');
const { isCovered } = await import('../../../src/sets/coverage.ts');
const { LabelSelector } = await import('../../../src/sets/label-selector.ts');
const { pigeonhole } = await import('./pigeonhole.ts');

type Selector = typeof LabelSelector.everything;

/** Of the budget a value that is compared or copied takes five; V8 counts six to eight steps for it. */
const STEPS = (12 / 5) * DEFAULT_BUDGET;

/** What the budget has left when the answer is unknown, and the steps that were taken. */
function giveUp(subject: Selector, covers: readonly Selector[]) {
  const budget = new Budget();
  let kind = '';
  const steps = stepsOf(() => {
    kind = isCovered(subject, covers, budget).kind;
  });
  expect(kind).toBe('unknown');
  return { left: budget.left, steps };
}

it('a search without end is given up once its budget is spent', () => {
  const { left, steps } = giveUp(LabelSelector.everything, pigeonhole(12));
  expect(left).toBeLessThan(0);
  expect(steps).toBeLessThan(STEPS);
});

it('selectors that list thousands of values cost as much as they are long', () => {
  const values = Array.from({ length: 5_000 }, (_, n) => `v${n}`);
  const line = (operator: 'In' | 'NotIn', ...listed: string[]) =>
    LabelSelector.of(new Map(), [{ key: 'big', operator, values: listed }]);
  const covers = pigeonhole(12).map((cover) => cover.intersect(line('NotIn', 'v4999')));
  const { left, steps } = giveUp(line('In', ...values), covers);
  expect(left).toBeLessThan(0);
  expect(steps).toBeLessThan(STEPS);
});
