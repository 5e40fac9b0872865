/** BudgetSpent says that a question took more steps than its budget has. What that means is for the caller to decide. */
export class BudgetSpent extends Error {
  constructor() {
    super('the question takes more steps than its budget allows');
    this.name = 'BudgetSpent';
  }
}

/** VALUE_STEPS is what comparing one label value takes, where walking one bound of an address set is one step. */
export const VALUE_STEPS = 5;

/**
 * DEFAULT_BUDGET is what one verdict may spend. Half a million steps take some twenty milliseconds, and a verdict on real policies a few hundred.
 */
export const DEFAULT_BUDGET = 500_000;

/**
 * Budget bounds the work of all questions that one verdict asks, counted in steps, so that it is the same on every
 * machine. Who is about to work spends first; once it is spent no work is done.
 */
export class Budget {
  readonly limit: number;
  left: number;

  constructor(limit: number = DEFAULT_BUDGET) {
    this.limit = limit;
    this.left = limit;
  }

  /** spend takes steps off the budget. Throws BudgetSpent where it has not so many. */
  spend(steps: number): void {
    this.left -= steps;
    if (this.left < 0) throw new BudgetSpent();
  }
}
