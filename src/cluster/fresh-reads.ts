/** A shared read that outlives all who wait for it is given up after this, in milliseconds. */
const LONGEST_MS = 30_000;

interface Reads<T> {
  current: Promise<T>;
  /** Begins when `current` has ended; shared by all who asked meanwhile. */
  next: Promise<T> | undefined;
}

/**
 * FreshReads shares reads among those who ask for the same thing at once. Nobody is given a read that began before
 * they asked, since it may not show what they ask about: while one is under way, the next one is queued for them.
 */
export class FreshReads<T> {
  private readonly read: (key: string, signal: AbortSignal) => Promise<T>;
  private readonly underWay = new Map<string, Reads<T>>();

  constructor(read: (key: string, signal: AbortSignal) => Promise<T>) {
    this.read = read;
  }

  /** get ends with a read that began now or later; it throws the signal's reason once that fires. */
  get(key: string, signal: AbortSignal): Promise<T> {
    const reads = this.underWay.get(key);
    if (reads === undefined) return untilAborted(this.begin(key), signal);
    reads.next ??= reads.current.then(
      () => this.begin(key),
      () => this.begin(key),
    );
    return untilAborted(reads.next, signal);
  }

  private begin(key: string): Promise<T> {
    const current = this.read(key, AbortSignal.timeout(LONGEST_MS));
    const reads: Reads<T> = { current, next: undefined };
    this.underWay.set(key, reads);
    const forget = () => {
      if (reads.next === undefined) this.underWay.delete(key);
    };
    current.then(forget, forget);
    return current;
  }
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('given up', { cause: reason });
}

function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(asError(signal.reason));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
