import { Worker } from 'node:worker_threads';
import { BadRequest, PutOff, UnreadableReview } from '../../admission/review/bad-request.ts';
import type { ReadReview } from '../../admission/review/read-review.ts';
import type { Time } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/logger.ts';

/** Told is the thread's result for a body: its content, or why it cannot be read. */
export type Told = { readonly read: ReadReview } | { readonly problem: string; readonly isUnreadable: boolean };

/** ReadingLimits bound the thread. Times in milliseconds, sizes in MiB. */
export interface ReadingLimits {
  /** How long reading one body may take; the largest take some hundreds. */
  readonly mostMs: number;
  /** How long the thread stays when there is nothing to read. */
  readonly idleMs: number;
  /** An UPDATE of 780,000 empty rules, more than which etcd does not store, takes some 220. */
  readonly oldMib: number;
  readonly youngMib: number;
}

const LIMITS: ReadingLimits = { mostMs: 3000, idleMs: 30_000, oldMib: 256, youngMib: 32 };

/** A bundle has the thread's program beside this one. */
const PROGRAM = new URL(
  import.meta.url.endsWith('.ts') ? './reading-worker.ts' : './reading-worker.js',
  import.meta.url,
);

interface Job {
  readonly body: Uint8Array;
  readonly resolve: (result: ReadReview) => void;
  readonly reject: (error: Error) => void;
  readonly late: NodeJS.Timeout;
}

/**
 * ReadingThread reads large bodies one after the other in a thread of its own, which starts on demand and ends when
 * idle. Bodies that it has no time for are put off; a body that takes more memory than the thread has is refused.
 */
export class ReadingThread {
  private readonly clock: Time;
  private readonly log: Logger;
  private readonly limits: ReadingLimits;
  private readonly waiting = new Set<Job>();
  private worker: Worker | undefined;
  private current: Job | undefined;
  private end: NodeJS.Timeout | undefined;

  constructor(clock: Time, log: Logger, limits: Partial<ReadingLimits> = {}) {
    this.clock = clock;
    this.log = log;
    this.limits = { ...LIMITS, ...limits };
  }

  get isRunning(): boolean {
    return this.worker !== undefined;
  }

  /** read reads a body by the deadline, as Clock.elapsed. Throws BadRequest, or PutOff if there is no time for it. */
  read(body: Uint8Array, deadline: number): Promise<ReadReview> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => this.putOff(job), Math.max(0, deadline - this.clock.elapsed()));
      const job: Job = { body, resolve, reject, late };
      this.waiting.add(job);
      this.next();
    });
  }

  /** close ends the thread; what waits is put off. */
  async close(): Promise<void> {
    for (const job of [...this.waiting, ...(this.current ? [this.current] : [])]) this.putOff(job);
    await this.stop();
  }

  private next(): void {
    const [job] = this.waiting;
    if (this.current !== undefined || job === undefined) return;
    this.waiting.delete(job);
    this.current = job;
    clearTimeout(this.end);
    this.end = setTimeout(() => this.tooSlow(job), this.limits.mostMs).unref();
    this.worker ??= this.start();
    // A copy, of which the thread becomes the owner.
    const body = new Uint8Array(job.body);
    this.worker.postMessage(body, [body.buffer]);
  }

  private start(): Worker {
    const { oldMib: maxOldGenerationSizeMb, youngMib: maxYoungGenerationSizeMb } = this.limits;
    const worker = new Worker(PROGRAM, { resourceLimits: { maxOldGenerationSizeMb, maxYoungGenerationSizeMb } });
    worker.unref();
    worker.on('message', (told: Told) => {
      if (this.worker === worker) this.finish(resultOf(told));
    });
    worker.on('error', (error: Error) => this.ended(worker, error));
    return worker;
  }

  private finish(result: ReadReview | Error): void {
    const job = this.current;
    this.current = undefined;
    clearTimeout(this.end);
    clearTimeout(job?.late);
    if (result instanceof Error) job?.reject(result);
    else job?.resolve(result);
    this.next();
    if (this.current === undefined) this.end = setTimeout(() => void this.stop(), this.limits.idleMs).unref();
  }

  private ended(worker: Worker, error: Error): void {
    if (this.worker !== worker) return;
    this.worker = undefined;
    this.finish(refusalOf(error));
  }

  private tooSlow(job: Job): void {
    this.log.warn({ bytes: job.body.length, milliseconds: this.limits.mostMs }, 'reading a review took too long');
    this.putOff(job);
  }

  private putOff(job: Job): void {
    clearTimeout(job.late);
    const message = `netpol-guard had no time to read a review of ${job.body.length} bytes; try again in a second`;
    job.reject(new PutOff('reading', message));
    this.waiting.delete(job);
    if (this.current === job) void this.goOnWithout(job);
  }

  /** One thread at a time: the next one starts when the memory of this one is free. */
  private async goOnWithout(job: Job): Promise<void> {
    await this.stop();
    if (this.current !== job) return;
    this.current = undefined;
    this.next();
  }

  private async stop(): Promise<void> {
    const { worker } = this;
    this.worker = undefined;
    clearTimeout(this.end);
    await worker?.terminate();
  }
}

function resultOf(told: Told): ReadReview | Error {
  if ('read' in told) return told.read;
  return told.isUnreadable ? new UnreadableReview(400, told.problem) : new BadRequest(400, told.problem);
}

function refusalOf(error: Error): Error {
  const isFull = 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
  return isFull ? new UnreadableReview(413, 'reading the body takes more memory than one body may use') : error;
}
