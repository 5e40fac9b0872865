/** client-go's reflector: 800 ms at first, doubled up to 30 s (tools/cache/reflector.go). */
const FIRST_MS = 800;
const MOST_MS = 30_000;
/** A Retry-After beyond this is treated as a mistake. */
const MOST_RETRY_AFTER_MS = 5 * 60_000;

/** doubled returns a pause that doubles with every step, 0 being the first one, up to the longest. In milliseconds. */
export function doubled(firstMs: number, step: number, mostMs: number): number {
  return Math.min(mostMs, firstMs * 2 ** step);
}

/** spread returns a pause at random between a half of it and the whole, so that not all retry at once. */
export function spread(ms: number, random: () => number): number {
  return ms * (0.5 + random() / 2);
}

/** retryAfterMs returns the minimum wait if a server asks for so many seconds, within reason. */
export function retryAfterMs(seconds = 0): number {
  return Math.min(seconds * 1000, MOST_RETRY_AFTER_MS);
}

/** Backoff spaces tries that fail, each time by twice as much. */
export class Backoff {
  private readonly random: () => number;
  private step = 0;

  constructor(random: () => number) {
    this.random = random;
  }

  /** next returns the pause before the next try, in milliseconds, and at least as long as the server asked for. */
  next(retryAfterSeconds?: number): number {
    const pause = spread(doubled(FIRST_MS, this.step, MOST_MS), this.random);
    this.step += 1;
    return Math.max(pause, retryAfterMs(retryAfterSeconds));
  }

  reset(): void {
    this.step = 0;
  }
}
