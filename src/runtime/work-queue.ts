import { doubled } from './backoff.ts';
import type { Clock } from './clock.ts';
import type { Logger } from './logger.ts';

/** WorkOutcome is when a key is processed again, unless it is added before. */
export type WorkOutcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'again'; readonly afterMs: number }
  /** Once more, after everything else. */
  | { readonly kind: 'routine' }
  /** Tried again with growing pauses, none shorter than `atLeastMs`. */
  | { readonly kind: 'failed'; readonly atLeastMs?: number };

/** WorkQueueObserver is told about every key, for metrics. Its methods must not throw. */
export interface WorkQueueObserver {
  added(): void;
  retried(): void;
  started(queuedSeconds: number): void;
  ended(workSeconds: number): void;
}

/** WorkQueueOptions are the inputs of a queue. */
export interface WorkQueueOptions {
  /** An error is a bug; it is logged and retried. */
  readonly work: (key: string) => Promise<WorkOutcome>;
  /** How many keys are worked on at a time. */
  readonly concurrency: number;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'error'>;
  readonly observer: WorkQueueObserver;
}

/** As client-go's DefaultTypedControllerRateLimiter (util/workqueue/default_rate_limiters.go). */
const FIRST_PAUSE_MS = 5;
const MOST_PAUSE_MS = 1_000_000;
/** Keys after which others get a turn: work with nothing to do never yields by itself. */
const BREATH = 32;

/**
 * WorkQueue works on keys, as client-go's workqueue: a key that is added twice is processed once, never twice at the
 * same time, and once more if it is added meanwhile. Routine keys come after all others.
 */
export class WorkQueue {
  private readonly options: WorkQueueOptions;
  private readonly abort = new AbortController();
  private readonly urgent = new Set<string>();
  private readonly routine = new Set<string>();
  private readonly addedAt = new Map<string, number>();
  private readonly working = new Set<string>();
  private readonly addedMeanwhile = new Set<string>();
  private readonly failures = new Map<string, number>();
  private readonly delayed = new Map<string, { readonly dueAt: number; readonly cancel: AbortController }>();
  private readonly workers = new Set<Promise<void>>();
  private active = 0;
  private sinceBreath = 0;
  private breath: Promise<void> | undefined;

  constructor(options: WorkQueueOptions) {
    this.options = options;
  }

  /** Keys that wait to be worked on now; those whose time has not come are not among them. */
  get depth(): number {
    return this.urgent.size + this.routine.size;
  }

  /** add has the key worked on as soon as possible, and before those that are routine. */
  add(key: string): void {
    if (this.working.has(key)) {
      this.addedMeanwhile.add(key);
      return;
    }
    this.routine.delete(key);
    this.enqueue(this.urgent, key);
  }

  /** addRoutine has the key worked on when nothing is urgent. */
  addRoutine(key: string): void {
    if (this.working.has(key)) this.addedMeanwhile.add(key);
    else if (!this.urgent.has(key)) this.enqueue(this.routine, key);
  }

  /** addAfter adds the key in `ms` milliseconds, or earlier if that was planned before. Working on it cancels that. */
  addAfter(key: string, ms: number): void {
    if (this.abort.signal.aborted) return;
    const dueAt = this.options.clock.elapsed() + ms;
    const planned = this.delayed.get(key);
    if (planned !== undefined && planned.dueAt <= dueAt) return;
    planned?.cancel.abort();
    const cancel = new AbortController();
    this.delayed.set(key, { dueAt, cancel });
    void this.addLater(key, ms, cancel.signal);
  }

  /** stop drops waiting keys, and ends when the current work has ended. */
  async stop(): Promise<void> {
    this.abort.abort(new Error('the queue has stopped'));
    for (const { cancel } of this.delayed.values()) cancel.abort();
    for (const keys of [this.urgent, this.routine, this.delayed]) keys.clear();
    await Promise.all(this.workers);
  }

  private async addLater(key: string, ms: number, cancelled: AbortSignal): Promise<void> {
    await this.options.clock.sleep(ms, cancelled);
    if (!cancelled.aborted) this.add(key);
  }

  private enqueue(lane: Set<string>, key: string): void {
    if (this.abort.signal.aborted || lane.has(key)) return;
    lane.add(key);
    if (!this.addedAt.has(key)) {
      this.addedAt.set(key, this.options.clock.elapsed());
      this.options.observer.added();
    }
    if (this.active >= this.options.concurrency) return;
    this.active += 1;
    const worker = this.work().finally(() => this.workers.delete(worker));
    this.workers.add(worker);
  }

  private async work(): Promise<void> {
    const { signal } = this.abort;
    // The caller adds a key before it has finished its own work.
    await Promise.resolve();
    for (let key = this.take(); key !== undefined && !signal.aborted; key = this.take()) {
      await this.workOn(key);
      await this.breathe();
    }
    this.active -= 1;
  }

  private async breathe(): Promise<void> {
    this.sinceBreath += 1;
    if (this.sinceBreath >= BREATH)
      this.breath ??= this.options.clock.sleep(0, this.abort.signal).then(() => this.breathed());
    await this.breath;
  }

  private breathed(): void {
    this.sinceBreath = 0;
    this.breath = undefined;
  }

  private take(): string | undefined {
    for (const lane of [this.urgent, this.routine]) {
      for (const key of lane) {
        lane.delete(key);
        return key;
      }
    }
    return undefined;
  }

  private async workOn(key: string): Promise<void> {
    const { clock, observer } = this.options;
    const startedAt = clock.elapsed();
    observer.started((startedAt - (this.addedAt.get(key) ?? startedAt)) / 1000);
    this.addedAt.delete(key);
    this.delayed.get(key)?.cancel.abort();
    this.delayed.delete(key);
    this.working.add(key);
    const outcome = await this.outcomeOf(key);
    this.working.delete(key);
    observer.ended((clock.elapsed() - startedAt) / 1000);
    this.plan(key, outcome);
    if (this.addedMeanwhile.delete(key)) this.add(key);
  }

  private async outcomeOf(key: string): Promise<WorkOutcome> {
    try {
      return await this.options.work(key);
    } catch (err) {
      if (!this.abort.signal.aborted)
        this.options.logger.error({ key, err }, 'internal error: reconciling a namespace failed');
      return { kind: 'failed' };
    }
  }

  private plan(key: string, outcome: WorkOutcome): void {
    if (outcome.kind !== 'failed') {
      this.failures.delete(key);
      if (outcome.kind === 'again') this.addAfter(key, outcome.afterMs);
      if (outcome.kind === 'routine') this.addRoutine(key);
      return;
    }
    const failures = this.failures.get(key) ?? 0;
    this.failures.set(key, failures + 1);
    this.options.observer.retried();
    this.addAfter(key, Math.max(doubled(FIRST_PAUSE_MS, failures, MOST_PAUSE_MS), outcome.atLeastMs ?? 0));
  }
}
