import type { Clock } from '../../../src/runtime/clock.ts';

interface Timer {
  readonly at: number;
  readonly run: () => void;
}

/** VirtualTime passes when told to, in milliseconds; what is due runs in its order, and is over before time goes on. */
export class VirtualTime {
  now = 0;
  /** Called whenever all is done that can be done at a moment. */
  observe: () => void = () => undefined;
  private timers: Timer[] = [];

  /** after runs the work when so much time has passed, unless the function that it returns is called before. */
  after(ms: number, run: () => void): () => void {
    const timer = { at: this.now + Math.max(0, ms), run };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  }

  async advance(ms: number): Promise<void> {
    const end = this.now + ms;
    for (;;) {
      await settled();
      this.observe();
      const next = this.timers.reduce<Timer | undefined>((a, b) => (a === undefined || b.at < a.at ? b : a), undefined);
      if (next === undefined || next.at > end) break;
      this.timers = this.timers.filter((timer) => timer !== next);
      this.now = Math.max(this.now, next.at);
      next.run();
    }
    this.now = end;
    this.observe();
  }
}

/** settled ends when nothing is left to do that waits for no timer. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** ProcessOptions are how the clocks of a machine differ from true time. */
interface ProcessOptions {
  /** Its seconds in a true second. */
  readonly rate?: number;
  /** Of its clock of the day. */
  readonly epoch?: number;
  readonly random?: () => number;
}

/** VirtualProcess is a process on a machine with clocks of its own; it can be stopped for a while, as by SIGSTOP. */
export class VirtualProcess implements Clock {
  /** Milliseconds since the epoch; may be set at will. */
  epoch: number;
  readonly random: () => number;
  private readonly time: VirtualTime;
  private readonly rate: number;
  private missed: (() => void)[] | undefined;

  constructor(time: VirtualTime, { rate = 1, epoch = 1_800_000_000_000, random = () => 0.5 }: ProcessOptions = {}) {
    this.time = time;
    this.rate = rate;
    this.epoch = epoch;
    this.random = random;
  }

  elapsed(): number {
    return this.time.now * this.rate;
  }

  now(): number {
    return Math.floor(this.epoch + this.elapsed());
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const done = () => {
        cancel();
        signal.removeEventListener('abort', done);
        resolve();
      };
      const cancel = this.time.after(ms / this.rate, () => this.deliver(done));
      signal.addEventListener('abort', done, { once: true });
    });
  }

  get isStopped(): boolean {
    return this.missed !== undefined;
  }

  stop(): void {
    this.missed ??= [];
  }

  /** go does what was due meanwhile, one after the other; the other way round where input comes before timers. */
  async go(reversed = false): Promise<void> {
    const missed = this.missed ?? [];
    this.missed = undefined;
    for (const run of reversed ? missed.toReversed() : missed) {
      run();
      await settled();
    }
  }

  /** deliver runs the work now, or when the process goes on. */
  deliver(run: () => void): void {
    if (this.missed === undefined) run();
    else this.missed.push(run);
  }
}
