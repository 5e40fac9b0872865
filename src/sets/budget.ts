/** BudgetSpent means that a question took more steps than its budget allows. The caller decides what that means. */
export class BudgetSpent extends Error {
  constructor() {
    super('the question takes more steps than its budget allows');
    this.name = 'BudgetSpent';
  }
}

/** VALUE_STEPS is the cost of comparing one label value, relative to walking one bound of an address set. */
export const VALUE_STEPS = 5;

/**
 * DEFAULT_BUDGET is what one verdict may spend. Half a million steps take some twenty milliseconds, and a verdict on real policies a few hundred.
 */
export const DEFAULT_BUDGET = 500_000;

/**
 * Budget bounds the work of all questions of one verdict, counted in steps, so that it is the same on every machine.
 * Code spends before it works; once the budget is spent, no work is done.
 */
export class Budget {
  readonly limit: number;
  left: number;

  constructor(limit: number = DEFAULT_BUDGET) {
    this.limit = limit;
    this.left = limit;
  }

  /** spend takes steps off the budget. Throws BudgetSpent if there are not enough left. */
  spend(steps: number): void {
    this.left -= steps;
    if (this.left < 0) throw new BudgetSpent();
  }
}
