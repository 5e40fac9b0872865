import { unlessAborted } from '../../runtime/abort.ts';

/**
 * FreshReads shares reads among concurrent callers for the same thing. No caller gets a read that began before the
 * call, since it may be outdated: while one is running, the next one is queued. A read is cancelled once no caller
 * waits for it, so that a dead connection does not delay later callers.
 */
export class FreshReads<T> {
  private readonly read: (key: string, signal: AbortSignal) => Promise<T>;
  private readonly underWay = new Map<string, SharedRead<T>>();

  constructor(read: (key: string, signal: AbortSignal) => Promise<T>) {
    this.read = read;
  }

  /** get ends with a read that began now or later; it throws the signal's reason once that fires. */
  async get(key: string, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    const current = this.underWay.get(key);
    if (current === undefined) return this.begin(key).wait(signal);
    if (current.next === undefined || current.next.isGivenUp) current.next = this.queue(key, current);
    return current.next.wait(signal);
  }

  private begin(key: string): SharedRead<T> {
    const read = new SharedRead((signal) => this.read(key, signal));
    return this.follow(key, read);
  }

  private queue(key: string, current: SharedRead<T>): SharedRead<T> {
    const next: SharedRead<T> = new SharedRead(async (signal) => {
      await current.ended;
      signal.throwIfAborted();
      this.follow(key, next);
      return this.read(key, signal);
    });
    return next;
  }

  private follow(key: string, read: SharedRead<T>): SharedRead<T> {
    this.underWay.set(key, read);
    void read.ended.finally(() => {
      if (read.next === undefined || read.next.isGivenUp) this.underWay.delete(key);
    });
    return read;
  }
}

class SharedRead<T> {
  /** For callers that arrive while this one is running. */
  next: SharedRead<T> | undefined;
  /** Ends with the read, whether well or not. */
  readonly ended: Promise<void>;
  private readonly result: Promise<T>;
  private readonly abort = new AbortController();
  private waiting = 0;

  constructor(read: (signal: AbortSignal) => Promise<T>) {
    this.result = read(this.abort.signal);
    this.ended = this.result.then(
      () => undefined,
      () => undefined,
    );
  }

  get isGivenUp(): boolean {
    return this.abort.signal.aborted;
  }

  async wait(signal: AbortSignal): Promise<T> {
    this.waiting += 1;
    try {
      return await unlessAborted(this.result, signal);
    } catch (error) {
      if (signal.aborted) this.giveUp();
      throw error;
    }
  }

  private giveUp(): void {
    this.waiting -= 1;
    if (this.waiting === 0) this.abort.abort(new Error('no request waits for it any more'));
  }
}
