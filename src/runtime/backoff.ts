/** client-go's reflector: 800 ms at first, doubled up to 30 s (tools/cache/reflector.go). */
const FIRST_MS = 800;
const MOST_MS = 30_000;
/** A Retry-After beyond this is taken for a mistake. */
const MOST_RETRY_AFTER_MS = 5 * 60_000;

/** Backoff spaces tries that fail: each pause lies at random between a half and the whole of its step. */
export class Backoff {
  private readonly random: () => number;
  private readonly scale: number;
  private step = 0;

  /** `scale` stretches or shrinks every pause. */
  constructor(random: () => number, scale = 1) {
    this.random = random;
    this.scale = scale;
  }

  /** next returns the pause before the next try, in milliseconds, and at least as long as the server asked for. */
  next(retryAfterSeconds = 0): number {
    const whole = Math.min(MOST_MS, FIRST_MS * 2 ** this.step);
    this.step += 1;
    const pause = whole * (0.5 + this.random() / 2) * this.scale;
    return Math.max(pause, Math.min(retryAfterSeconds * 1000, MOST_RETRY_AFTER_MS));
  }

  reset(): void {
    this.step = 0;
  }
}
