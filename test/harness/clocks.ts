import type { Clock } from '../../src/runtime/clock.ts';
import { systemClock } from '../../src/runtime/system-clock.ts';

/** hurriedClock passes so many times as fast as the machine's: for what works over a network, and would wait for minutes. */
export function hurriedClock(times: number): Clock {
  const [epoch, start] = [systemClock.now(), systemClock.elapsed()];
  const elapsed = () => (systemClock.elapsed() - start) * times;
  return {
    now: () => Math.floor(epoch + elapsed()),
    elapsed,
    random: systemClock.random,
    sleep: (ms, signal) => systemClock.sleep(ms / times, signal),
  };
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
