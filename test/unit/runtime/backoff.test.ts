import { expect, test } from 'vitest';
import { Backoff } from '../../../src/runtime/backoff.ts';

test('pauses double from 0.8 s to 30 s, and begin anew after a reset', () => {
  const backoff = new Backoff(() => 1);
  expect(Array.from({ length: 8 }, () => backoff.next())).toEqual([800, 1600, 3200, 6400, 12800, 25600, 30000, 30000]);
  backoff.reset();
  expect(backoff.next()).toBe(800);
});

test('chance takes away a half at most', () => {
  expect(new Backoff(() => 0).next()).toBe(400);
});

test('what the server asks for is the least, within reason', () => {
  const backoff = new Backoff(() => 1);
  expect(backoff.next(5)).toBe(5000);
  expect(backoff.next(1)).toBe(1600);
  expect(backoff.next(86_400)).toBe(300_000);
});
