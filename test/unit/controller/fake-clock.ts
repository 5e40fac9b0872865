import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../../src/runtime/clock.ts';

/** Milliseconds since the epoch, when a FakeClock begins. */
export const EPOCH = Date.UTC(2026, 10, 21, 12);

/** FakeClock stands still until it is told to go on. */
export class FakeClock implements Clock {
  private time = 0;
  private readonly sleepers = new Set<{ readonly dueAt: number; readonly wake: () => void }>();

  now = (): number => EPOCH + this.time;
  elapsed = (): number => this.time;
  random = (): number => 0.5;

  sleep = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const wake = () => {
        this.sleepers.delete(sleeper);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      const sleeper = { dueAt: this.time + Math.max(0, ms), wake };
      this.sleepers.add(sleeper);
      signal.addEventListener('abort', wake, { once: true });
    });

  /** How many wait for the time to come. */
  get sleeping(): number {
    return this.sleepers.size;
  }

  /** advance lets `ms` milliseconds pass, and whatever they bring about happen. */
  async advance(ms: number): Promise<void> {
    const end = this.time + ms;
    await settle();
    for (let next = this.earliest(end); next !== undefined; next = this.earliest(end)) {
      this.time = next.dueAt;
      next.wake();
      await settle();
    }
    this.time = end;
  }

  private earliest(end: number) {
    const due = [...this.sleepers].filter(({ dueAt }) => dueAt <= end);
    return due.sort((a, b) => a.dueAt - b.dueAt)[0];
  }
}

/** CountedTime is a clock on which sleep takes no time, and is written down. Tests turn it on as they like. */
export class CountedTime implements Clock {
  ms = 0;
  readonly slept: number[] = [];

  now = (): number => 0;
  elapsed = (): number => this.ms;
  random = (): number => 0;

  sleep = async (ms: number): Promise<void> => {
    this.slept.push(ms);
    this.ms += ms;
  };
}

/** settle lets everything happen that waits for nothing. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 5; i += 1) await setImmediate();
}
