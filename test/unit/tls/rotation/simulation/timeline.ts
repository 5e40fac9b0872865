import { setImmediate as turn } from 'node:timers/promises';

interface Event {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** Timeline is virtual time: what is planned happens in order, and nothing takes any time itself. */
export class Timeline {
  /** Milliseconds since it began. */
  now = 0;
  private readonly events: Event[] = [];
  private order = 0;

  /** plan has something happen at a moment, or now where that is over. */
  plan(at: number, run: () => void): void {
    const event = { at: Math.max(at, this.now), order: this.order, run };
    this.order += 1;
    let low = 0;
    for (let high = this.events.length; low < high; ) {
      const middle = (low + high) >>> 1;
      if (isBefore(this.events[middle], event)) low = middle + 1;
      else high = middle;
    }
    this.events.splice(low, 0, event);
  }

  /** run lets time pass until a moment; `check` is called whenever something has happened and all has come to rest. */
  async run(until: number, check: () => void): Promise<void> {
    for (;;) {
      // Lets every promise that is settled be followed up.
      await turn();
      check();
      const next = this.events[0];
      if (next === undefined || next.at > until) break;
      this.events.shift();
      this.now = next.at;
      next.run();
    }
    this.now = until;
  }
}

/** Of two at the same moment, what was planned first. */
function isBefore(a: Event | undefined, b: Event): boolean {
  return a !== undefined && (a.at < b.at || (a.at === b.at && a.order < b.order));
}
