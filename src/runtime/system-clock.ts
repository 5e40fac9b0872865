import type { Clock } from './clock.ts';
import { sleep } from './sleep.ts';

/** systemClock is the clock of this machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  random: () => Math.random(),
  sleep,
};
