import { setImmediate as turn } from 'node:timers/promises';
import { onAbort } from '../../src/runtime/abort.ts';
import type { Clock } from '../../src/runtime/clock.ts';

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** VirtualTime passes when told to, in milliseconds; what is due runs in its order, and is over before time goes on. */
export class VirtualTime {
  now = 0;
  /** Called whenever all is done that can be done at a moment. */
  observe: () => void = () => undefined;
  private readonly timers: Timer[] = [];
  private order = 0;

  /** at runs the work at a moment, or now where that is over, unless the function that it returns is called before. */
  at(moment: number, run: () => void): () => void {
    const timer = { at: Math.max(moment, this.now), order: this.order, run };
    this.order += 1;
    this.timers.splice(this.placeOf(timer), 0, timer);
    return () => {
      const place = this.placeOf(timer);
      if (this.timers[place] === timer) this.timers.splice(place, 1);
    };
  }

  /** after runs the work when so much time has passed, as `at` does. */
  after(ms: number, run: () => void): () => void {
    return this.at(this.now + ms, run);
  }

  async advance(ms: number): Promise<void> {
    const end = this.now + ms;
    for (;;) {
      await settled();
      this.observe();
      const [next] = this.timers;
      if (next === undefined || next.at > end) break;
      this.timers.shift();
      this.now = next.at;
      next.run();
    }
    this.now = end;
    this.observe();
  }

  /** Of two at the same moment, what was planned first is first. */
  private placeOf(timer: Timer): number {
    let low = 0;
    for (let high = this.timers.length; low < high; ) {
      const middle = (low + high) >>> 1;
      if (isBefore(this.timers[middle], timer)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function isBefore(a: Timer | undefined, b: Timer): boolean {
  return a !== undefined && (a.at < b.at || (a.at === b.at && a.order < b.order));
}

/** How often others get a turn in a row, where they wait for nothing but that. */
const TURNS = 5;

/** settled ends when nothing is left to do that waits for no timer. */
export async function settled(): Promise<void> {
  for (let i = 0; i < TURNS; i += 1) await turn();
}

/** VirtualClockOptions are how the clocks of a machine differ from true time. */
interface VirtualClockOptions {
  /** Its seconds in a true second. */
  readonly rate?: number;
  /** Of its clock of the day. */
  readonly epoch?: number;
  readonly random?: () => number;
}

/** VirtualClock shows virtual time; it stands still until that is told to pass. */
export class VirtualClock implements Clock {
  /** Milliseconds since the epoch, when time began; may be set at will. */
  epoch: number;
  readonly random: () => number;
  /** How many wait for their time to come. */
  sleeping = 0;
  private readonly time: VirtualTime;
  private readonly rate: number;

  constructor(
    time: VirtualTime = new VirtualTime(),
    { rate = 1, epoch = 1_800_000_000_000, random = () => 0.5 }: VirtualClockOptions = {},
  ) {
    this.time = time;
    this.rate = rate;
    this.epoch = epoch;
    this.random = random;
  }

  elapsed = (): number => this.time.now * this.rate;

  now = (): number => Math.floor(this.epoch + this.elapsed());

  sleep = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve();
      this.sleeping += 1;
      let isAwake = false;
      const wake = () => {
        if (isAwake) return;
        isAwake = true;
        this.sleeping -= 1;
        cancel();
        release();
        resolve();
      };
      const cancel = this.time.after(Math.max(0, ms) / this.rate, () => this.deliver(wake));
      const release = onAbort(signal, wake);
    });

  /** advance lets true time pass, and whatever it brings about happen. */
  advance(ms: number): Promise<void> {
    return this.time.advance(ms);
  }

  /** deliver runs the work that something outside of the process brings about: now. */
  deliver(run: () => void): void {
    run();
  }
}

/** VirtualProcess is a process on a machine with clocks of its own; it can be stopped for a while, as by SIGSTOP. */
export class VirtualProcess extends VirtualClock {
  private missed: (() => void)[] | undefined;

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
  override deliver(run: () => void): void {
    if (this.missed === undefined) run();
    else this.missed.push(run);
  }
}
