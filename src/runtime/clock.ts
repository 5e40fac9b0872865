/** Clock tells time and waits, so that tests can replace both. All times are in milliseconds. */
export interface Clock {
  /** Since the epoch: for what expires. */
  now(): number;
  /** Since any moment, never set back: for durations and deadlines. */
  elapsed(): number;
  /** sleep ends after `ms` milliseconds, or when the signal fires; it never throws. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** At least 0 and less than 1, for jitter. */
  random(): number;
}

/** Time is a clock for those who never wait. */
export type Time = Pick<Clock, 'now' | 'elapsed'>;
