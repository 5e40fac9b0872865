import { setTimeout as pause } from 'node:timers/promises';

/**
 * until polls a condition and returns its first value that is not undefined. Nothing in these tests sleeps for a fixed
 * time and hopes. `what` completes the sentence "waited 20000 ms for …".
 */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined> | T | undefined,
  timeoutMs = 20_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  let last: unknown;
  do {
    try {
      const value = await probe();
      if (value !== undefined) return value;
    } catch (error) {
      last = error;
    }
    await pause(50);
  } while (Date.now() < deadline);
  throw new Error(`waited ${timeoutMs} ms for ${what}`, { cause: last });
}
