import type { Time } from '../../runtime/clock.ts';

/** Moment is one moment by two clocks of this machine. */
export interface Moment {
  /** By Clock.elapsed. It continues while the process is stopped, but not while the machine is suspended. */
  readonly elapsed: number;
  /** Milliseconds since the epoch. It continues in both cases, but may be set. */
  readonly now: number;
}

/** NotLeading means that a write was held back because leadership is not certain. */
export class NotLeading extends Error {
  override readonly name = 'NotLeading';
}

/**
 * Term is one time of leading. It lasts while the last renewal is no older than `deadlineMs` by either clock, and never
 * resumes: a late renewal does not bring it back.
 */
export class Term {
  private readonly clock: Time;
  private readonly deadlineMs: number;
  private readonly abort = new AbortController();
  private renewedAt: Moment;

  constructor(clock: Time, deadlineMs: number, acquiredAt: Moment) {
    this.clock = clock;
    this.deadlineMs = deadlineMs;
    this.renewedAt = acquiredAt;
  }

  /** Fires when the term is over. */
  get signal(): AbortSignal {
    return this.abort.signal;
  }

  /** leftMs is how long the term lasts without another renewal of the Lease; 0 or less if it is over. */
  leftMs(): number {
    const age = Math.max(this.clock.elapsed() - this.renewedAt.elapsed, this.clock.now() - this.renewedAt.now);
    return this.deadlineMs - age;
  }

  /** isCertain checks the clocks, and ends the term if its time has passed: timers may be late. */
  isCertain(): boolean {
    if (!this.signal.aborted && this.leftMs() <= 0) this.end(`not renewed for ${this.deadlineMs} ms`);
    return !this.signal.aborted;
  }

  renewed(at: Moment): void {
    if (this.isCertain()) this.renewedAt = at;
  }

  end(why: string): void {
    this.abort.abort(new NotLeading(`no longer the leader: ${why}`));
  }
}
