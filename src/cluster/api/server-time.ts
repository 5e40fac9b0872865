import type { Logger } from '../../runtime/logger.ts';

/** Answers tell the time to the second, and take a while themselves. */
const TOLERANCE_MS = 5000;
/**
 * Certificates hold from an hour before they are made; a clock that differs by much less already deserves a log line.
 */
const REMARKABLE_MS = 60_000;

/**
 * ServerTime is the API server's time, since the API server judges certificates. If the clock of this machine differs
 * by only seconds, it is this machine's time.
 */
export class ServerTime {
  private readonly ownNow: () => number;
  private readonly logger: Pick<Logger, 'warn' | 'info'>;
  private aheadMs = 0;
  private isRemarked = false;

  /** `ownNow` is this machine's clock, in milliseconds since the epoch. */
  constructor(ownNow: () => number, logger: Pick<Logger, 'warn' | 'info'>) {
    this.ownNow = ownNow;
    this.logger = logger;
  }

  /** now is in milliseconds since the epoch. */
  now(): number {
    return this.ownNow() + this.aheadMs;
  }

  /** heard takes the time from an answer of the API server. */
  heard(time: number): void {
    const difference = time - this.ownNow();
    this.aheadMs = Math.abs(difference) > TOLERANCE_MS ? difference : 0;
    const isRemarkable = Math.abs(difference) > REMARKABLE_MS;
    if (isRemarkable === this.isRemarked) return;
    this.isRemarked = isRemarkable;
    const seconds = Math.round(difference / 1000);
    if (isRemarkable)
      this.logger.warn({ seconds }, "this clock differs from the API server's; using the API server's time");
    else this.logger.info({ seconds }, "this clock agrees with the API server's again");
  }
}
