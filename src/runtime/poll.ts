/** Mounted Secrets change by renaming a link, which file watchers miss; controller-runtime polls as often. */
const INTERVAL_MS = 10_000;

/** PollObserver is told what becomes of what is polled. */
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

/** poll looks for a new value every ten seconds, and returns what stops it. */
export function poll<T>(
  { load, isSame, first }: PollOptions<T>,
  observer: PollObserver<T>,
  intervalMs: number = INTERVAL_MS,
): () => void {
  let current = first;
  let reading = false;
  const look = async () => {
    if (reading) return;
    reading = true;
    try {
      const value = await load();
      if (isSame(value, current)) return;
      observer.changed(value);
      current = value;
    } catch (error) {
      observer.failed(error instanceof Error ? error : new Error(String(error)));
    } finally {
      reading = false;
    }
  };
  const timer = setInterval(() => void look(), intervalMs);
  timer.unref();
  return () => clearInterval(timer);
}
