import type { Clock } from './clock.ts';
import { every } from './every.ts';

/** Mounted Secrets change by renaming a link, which file watchers miss; controller-runtime polls as often. */
const INTERVAL_MS = 10_000;

/** PollObserver is told the results of polling. */
export interface PollObserver<T> {
  /** A new good value was read. */
  changed(value: T): void;
  /** It cannot be read, or makes no sense; the last good value stays in force. */
  failed(error: Error): void;
}

/** PollOptions say how a value is read, and when it counts as the same as another. */
export interface PollOptions<T> {
  readonly load: () => Promise<T>;
  readonly isSame: (a: T, b: T) => boolean;
  readonly first: T;
}

/** poll looks for a new value every ten seconds, and returns a function that stops it. */
export function poll<T>(
  { load, isSame, first }: PollOptions<T>,
  observer: PollObserver<T>,
  clock: Pick<Clock, 'sleep'>,
): () => void {
  let current = first;
  const look = async () => {
    try {
      const value = await load();
      if (isSame(value, current)) return;
      observer.changed(value);
      current = value;
    } catch (error) {
      observer.failed(error instanceof Error ? error : new Error(String(error)));
    }
  };
  return every(INTERVAL_MS, look, clock);
}
