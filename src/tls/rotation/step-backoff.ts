import { doubled, spread } from '../../runtime/backoff.ts';
import type { Clock } from '../../runtime/clock.ts';

/** This many steps in a minute are normal: a first start takes three, a new CA four, and other replicas take theirs. */
const FREE_STEPS = 12;
const MINUTE_MS = 60_000;
const FIRST_MS = 250;

/**
 * StepBackoff spaces steps and failures. Writes that are undone repeatedly become ever slower; replicas in a conflict
 * wait for random times.
 */
export class StepBackoff {
  private readonly clock: Pick<Clock, 'elapsed' | 'random'>;
  private readonly mostMs: () => number;
  private failures = 0;
  private steps: readonly number[] = [];

  /** `mostMs` is the longest pause. */
  constructor(clock: Pick<Clock, 'elapsed' | 'random'>, mostMs: () => number) {
    this.clock = clock;
    this.mostMs = mostMs;
  }

  /** afterStep returns the pause after a step, in milliseconds. */
  afterStep(outcome: 'written' | 'conflict'): number {
    const now = this.clock.elapsed();
    this.steps = [...this.steps.filter((at) => now - at < MINUTE_MS), now];
    const excess = this.steps.length - FREE_STEPS;
    if (excess > 0) return this.pause(excess);
    return outcome === 'conflict' ? this.pause(0) : 0;
  }

  /** afterFailure returns the pause after a failure, in milliseconds. */
  afterFailure(): number {
    this.failures += 1;
    return this.pause(this.failures);
  }

  succeeded(): void {
    this.failures = 0;
  }

  private pause(step: number): number {
    return spread(doubled(FIRST_MS, step, this.mostMs()), () => this.clock.random());
  }
}
