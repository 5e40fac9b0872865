import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { FreshReads } from '../../src/cluster/fresh-reads.ts';

const never = new AbortController().signal;

/** Reads that end when told to, numbered in the order in which they began. */
function manualReads() {
  const ends: ((error?: Error) => void)[] = [];
  const reads = new FreshReads<number>(
    () =>
      new Promise((resolve, reject) => {
        const number = ends.length + 1;
        ends.push((error) => (error === undefined ? resolve(number) : reject(error)));
      }),
  );
  return { reads, ends };
}

test('whoever asks during a read gets the next one, all of them the same', async () => {
  const { reads, ends } = manualReads();
  const first = reads.get('shop', never);
  const late = [reads.get('shop', never), reads.get('shop', never), reads.get('shop', never)];
  expect(ends).toHaveLength(1);
  ends[0]?.();
  expect(await first).toBe(1);
  await wait(0);
  expect(ends).toHaveLength(2);
  const later = reads.get('shop', never);
  ends[1]?.();
  expect(await Promise.all(late)).toEqual([2, 2, 2]);
  await wait(0);
  ends[2]?.();
  expect(await later).toBe(3);
});

test('a read that fails fails for those who asked before it began, and the next one begins', async () => {
  const { reads, ends } = manualReads();
  const first = reads.get('shop', never);
  const second = reads.get('shop', never);
  ends[0]?.(new Error('no'));
  await expect(first).rejects.toThrow('no');
  await wait(0);
  ends[1]?.();
  expect(await second).toBe(2);
});

test('namespaces do not wait for each other', async () => {
  const { reads, ends } = manualReads();
  const shop = reads.get('shop', never);
  const bank = reads.get('bank', never);
  ends[1]?.();
  expect(await bank).toBe(2);
  ends[0]?.();
  expect(await shop).toBe(1);
});

test('who gives up is told at once, and the others are not disturbed', async () => {
  const { reads, ends } = manualReads();
  const abort = new AbortController();
  const impatient = reads.get('shop', abort.signal);
  abort.abort(new Error('deadline'));
  await expect(impatient).rejects.toThrow('deadline');
  await expect(reads.get('shop', abort.signal)).rejects.toThrow('deadline');
  ends[0]?.();
  await wait(0);
  ends[1]?.();
  const fresh = reads.get('shop', never);
  await wait(0);
  ends.at(-1)?.();
  expect(await fresh).toBe(ends.length);
});

test('nothing is kept of reads that have ended', async () => {
  let begun = 0;
  const reads = new FreshReads<number>(async () => (begun += 1));
  expect(await reads.get('a', never)).toBe(1);
  await wait(0);
  expect(await reads.get('a', never)).toBe(2);
  expect(begun).toBe(2);
});
