import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { sleep } from '../../../src/runtime/sleep.ts';

const timers = () => process.getActiveResourcesInfo().filter((what) => what === 'Timeout').length;
const listenersOf = (signal: AbortSignal) => getEventListeners(signal, 'abort').length;

test('sleep lasts as long as it is told, and leaves no listener behind', async () => {
  const { signal } = new AbortController();
  const start = performance.now();
  const asleep = sleep(30, signal);
  expect(listenersOf(signal)).toBe(1);
  await asleep;
  expect(performance.now() - start).toBeGreaterThanOrEqual(29);
  expect(listenersOf(signal)).toBe(0);
});

test('sleep ends when the signal fires, and clears its timer', async () => {
  const before = timers();
  const abort = new AbortController();
  const asleep = sleep(3_600_000, abort.signal);
  expect(timers()).toBe(before + 1);
  abort.abort();
  await asleep;
  expect([timers(), listenersOf(abort.signal)]).toEqual([before, 0]);
});

test('sleep ends at once under a signal that has fired', async () => {
  const before = timers();
  await sleep(3_600_000, AbortSignal.abort());
  expect(timers()).toBe(before);
});
