import type { Clock } from './clock.ts';

/**
 * How long a turn is, in milliseconds, and how long turns keep the thread from connections; a started piece is
 * finished.
 */
const TURN_MS = 5;

/**
 * Turns share the time of the one thread among owners, such as namespaces. An owner with much work, or with long pieces of it,
 * waits for its own work; one with little waits for one turn of each of the others.
 */
export class Turns {
  private readonly clock: Pick<Clock, 'elapsed'>;
  /** By owner, the one that comes next first. */
  private readonly queues = new Map<string, (() => void)[]>();

  constructor(clock: Pick<Clock, 'elapsed'>) {
    this.clock = clock;
  }

  /** take does the work in a turn of the owner's, and ends as it ends. */
  take<T>(owner: string, work: () => T): Promise<T> {
    return new Promise((resolve) => {
      const piece = () => resolve(Promise.try(work));
      if (this.queues.size === 0) setImmediate(() => this.work());
      const queue = this.queues.get(owner);
      if (queue === undefined) this.queues.set(owner, [piece]);
      else queue.push(piece);
    });
  }

  private work(): void {
    const end = this.clock.elapsed() + TURN_MS;
    for (const [owner, queue] of this.queues) {
      this.turnOf(queue);
      // The rest comes after the turns of all others: a Map iterates entries that are added at its end.
      this.queues.delete(owner);
      if (queue.length > 0) this.queues.set(owner, queue);
      if (this.clock.elapsed() >= end) break;
    }
    if (this.queues.size > 0) setImmediate(() => this.work());
  }

  private turnOf(queue: (() => void)[]): void {
    const end = this.clock.elapsed() + TURN_MS;
    do queue.shift()?.();
    while (queue.length > 0 && this.clock.elapsed() < end);
  }
}
