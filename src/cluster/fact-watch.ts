import type { Clock } from './clock.ts';

/** How long after a change the fact is looked at, in milliseconds: what changes together is looked at once. */
const LOOK_MS = 20;

/** FactWatch tells when a fact that is worked out from many objects becomes another one, by identity. */
export class FactWatch<T> {
  private readonly read: () => T;
  private readonly clock: Pick<Clock, 'sleep'>;
  private readonly listeners = new Set<() => void>();
  private readonly abort = new AbortController();
  private last: T | undefined;
  private looking = false;

  constructor(read: () => T, clock: Pick<Clock, 'sleep'>) {
    this.read = read;
    this.clock = clock;
  }

  /** listen calls the listener whenever the fact is another one, until the function that it returns is called. */
  listen(listener: () => void): () => void {
    if (this.listeners.size === 0) this.last = this.read();
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** touch says that something changed which the fact is worked out from. It costs nothing where nobody listens. */
  touch(): void {
    if (this.listeners.size === 0 || this.looking) return;
    this.looking = true;
    void this.clock.sleep(LOOK_MS, this.abort.signal).then(() => this.look());
  }

  stop(): void {
    this.abort.abort();
  }

  private look(): void {
    this.looking = false;
    if (this.abort.signal.aborted) return;
    const current = this.read();
    if (current === this.last) return;
    this.last = current;
    for (const listener of this.listeners) listener();
  }
}
