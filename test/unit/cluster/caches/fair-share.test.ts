import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FairShare, SHARES } from '../../../../src/cluster/caches/fair-share.ts';

const MIB = 1024 * 1024;
const LEAST = SHARES.at(-1) as number;

test('the limit hangs on what is demanded now, not on what was before', () => {
  const demand = fc.integer({ min: 0, max: 40 * MIB });
  const history = fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), demand), { maxLength: 60 });
  fc.assert(
    fc.property(history, (changes) => {
      const share = new FairShare(64 * MIB);
      const demands = new Map<number, number>();
      for (const [namespace, bytes] of changes) {
        share.change(demands.get(namespace) ?? 0, bytes);
        demands.set(namespace, bytes);
      }
      const fits = (limit: number) =>
        [...demands.values()].reduce((sum, bytes) => sum + Math.min(bytes, limit), 0) <= 64 * MIB;
      expect(share.limit).toBe(SHARES.find(fits) ?? LEAST);
    }),
  );
});

test('one namespace alone never gets more than its share, and ten that fill theirs get less', () => {
  const share = new FairShare(64 * MIB);
  share.change(0, 1000 * MIB);
  expect(share.limit).toBe(16 * MIB);
  for (let i = 0; i < 9; i += 1) share.change(0, 1000 * MIB);
  expect(share.limit).toBe(4 * MIB);
});

test('those who have little keep it, however many there are', () => {
  const share = new FairShare(64 * MIB);
  for (let i = 0; i < 1000; i += 1) share.change(0, LEAST);
  expect(share.limit).toBe(LEAST);
});
