import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { FreshReads } from '../../../../src/cluster/caches/fresh-reads.ts';

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
  const [patient, alsoImpatient] = [reads.get('shop', never), reads.get('shop', abort.signal)];
  abort.abort(new Error('deadline'));
  await expect(impatient).rejects.toThrow('deadline');
  await expect(alsoImpatient).rejects.toThrow('deadline');
  await expect(reads.get('shop', abort.signal)).rejects.toThrow('deadline');
  ends[0]?.();
  await wait(0);
  ends[1]?.();
  expect(await patient).toBe(2);
  expect(ends).toHaveLength(2);
});

test('a read that nobody waits for any more is given up, and the next one begins', async () => {
  const begun: AbortSignal[] = [];
  const reads = new FreshReads<number>((_key, signal) => {
    begun.push(signal);
    const number = begun.length;
    if (number > 1) return Promise.resolve(number);
    return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('given up'))));
  });
  const impatience = new AbortController();
  const stuck = reads.get('shop', impatience.signal);
  const abandoned = reads.get('shop', impatience.signal);
  impatience.abort(new Error('deadline'));
  const later = reads.get('shop', never);
  await expect(stuck).rejects.toThrow('deadline');
  await expect(abandoned).rejects.toThrow('deadline');
  expect(await later).toBe(2);
  expect(begun).toHaveLength(2);
  expect(await reads.get('shop', never)).toBe(3);
});

test('nothing is kept of reads that have ended', async () => {
  let begun = 0;
  const reads = new FreshReads<number>(async () => (begun += 1));
  expect(await reads.get('a', never)).toBe(1);
  await wait(0);
  expect(await reads.get('a', never)).toBe(2);
  expect(begun).toBe(2);
});
