/** Clock tells time and waits, so that tests can do both their own way. */
export interface Clock {
  /** Milliseconds since any moment, never set back. */
  elapsed(): number;
  /** sleep ends after `ms` milliseconds, or when the signal fires; it never throws. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** At least 0 and less than 1, for jitter. */
  random(): number;
}
