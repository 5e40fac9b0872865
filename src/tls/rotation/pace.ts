/** PaceClock is what a Pace needs of a clock. */
export interface PaceClock {
  /** Milliseconds since any moment, never set back. */
  elapsed(): number;
  /** At least 0 and less than 1. */
  random(): number;
}

/** So many steps in a minute are ordinary: a first start takes three, a new CA four, and others take theirs. */
const FREE_STEPS = 12;
const MINUTE_MS = 60_000;
const FIRST_MS = 250;

/**
 * Pace spaces steps and failures. Whoever undoes what is written, again and again, is answered ever more slowly; replicas
 * that meet in a conflict part at random.
 */
export class Pace {
  private readonly clock: PaceClock;
  private readonly mostMs: () => number;
  private failures = 0;
  private steps: readonly number[] = [];

  /** `mostMs` is the longest pause. */
  constructor(clock: PaceClock, mostMs: () => number) {
    this.clock = clock;
    this.mostMs = mostMs;
  }

  /** afterStep returns the pause after a step, in milliseconds. */
  afterStep(outcome: 'written' | 'conflict'): number {
    const now = this.clock.elapsed();
    this.steps = [...this.steps.filter((at) => now - at < MINUTE_MS), now];
    const excess = this.steps.length - FREE_STEPS;
    if (excess > 0) return this.spread(excess);
    return outcome === 'conflict' ? this.spread(0) : 0;
  }

  /** afterFailure returns the pause after a failure, in milliseconds. */
  afterFailure(): number {
    this.failures += 1;
    return this.spread(this.failures);
  }

  succeeded(): void {
    this.failures = 0;
  }

  private spread(step: number): number {
    return Math.min(this.mostMs(), FIRST_MS * 2 ** step) * (0.5 + this.clock.random() / 2);
  }
}
