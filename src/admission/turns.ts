import type { Clock } from './observer.ts';

/** So long, in milliseconds, work may keep the thread from connections and timers, but for the last piece that was begun. */
const SLICE_MS = 5;

/**
 * Turns share the one thread among owners, such as namespaces: each has one piece of work done, then the next owner one of
 * its own. Whoever brings much work waits for it; who brings little waits for one piece of each of the others.
 */
export class Turns {
  private readonly clock: Clock;
  /** By owner, the one that comes next first. */
  private readonly queues = new Map<string, (() => void)[]>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** take does the work in a turn of the owner's, and ends as it ends. */
  take<T>(owner: string, work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const turn = () => {
        try {
          resolve(work());
        } catch (error) {
          reject(error);
        }
      };
      if (this.queues.size === 0) setImmediate(() => this.work());
      const queue = this.queues.get(owner);
      if (queue === undefined) this.queues.set(owner, [turn]);
      else queue.push(turn);
    });
  }

  private work(): void {
    const end = this.clock.elapsed() + SLICE_MS;
    for (const [owner, queue] of this.queues) {
      queue.shift()?.();
      // What is left comes after the turns of all others: a Map goes on with what is added behind.
      this.queues.delete(owner);
      if (queue.length > 0) this.queues.set(owner, queue);
      if (this.clock.elapsed() >= end) break;
    }
    if (this.queues.size > 0) setImmediate(() => this.work());
  }
}
