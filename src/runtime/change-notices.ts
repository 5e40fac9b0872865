import { onAbort } from './abort.ts';

/** ChangeNotices notify waiters for a change of a name, and listeners to all changes. */
export class ChangeNotices {
  private readonly waiting = new Map<string, Set<() => void>>();
  private readonly listeners = new Set<(name: string) => void>();

  /** next ends with the next change under the name, or when the signal fires. */
  next(name: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const waiting = this.waiting.get(name) ?? new Set();
      this.waiting.set(name, waiting);
      const done = () => {
        waiting.delete(done);
        if (waiting.size === 0) this.waiting.delete(name);
        release();
        resolve();
      };
      waiting.add(done);
      const release = onAbort(signal, done);
    });
  }

  /** listen calls the listener with the name at every change, until the function that it returns is called. */
  listen(listener: (name: string) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  tell(name: string): void {
    for (const done of [...(this.waiting.get(name) ?? [])]) done();
    for (const listener of this.listeners) listener(name);
  }
}
