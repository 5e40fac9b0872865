import type { Clock } from '../runtime/clock.ts';

/** How long to work at a time, in milliseconds. */
const TURN_MS = 5;
/** The following pause is this many times as long: tenants can make a leader spend at most a quarter of the thread. */
const PAUSE_FACTOR = 3;

/** ThreadShare keeps work that tenants can cause, all of it together, to a quarter of the thread. */
export class ThreadShare {
  private readonly clock: Clock;
  private workedMs = 0;
  private restUntil = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** work does a piece of work, which counts. */
  work<T>(piece: () => T): T {
    const began = this.clock.elapsed();
    try {
      return piece();
    } finally {
      this.workedMs += this.clock.elapsed() - began;
    }
  }

  /** rest ends when it is time for the next piece, or the signal fires. */
  async rest(signal: AbortSignal): Promise<void> {
    const now = this.clock.elapsed();
    if (this.workedMs >= TURN_MS) {
      this.restUntil = Math.max(now, this.restUntil) + this.workedMs * PAUSE_FACTOR;
      this.workedMs = 0;
    }
    if (this.restUntil > now) await this.clock.sleep(this.restUntil - now, signal);
  }
}
