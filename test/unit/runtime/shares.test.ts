import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Shares } from '../../../src/runtime/shares.ts';

const BOUNDS = { total: 6, perOwner: 4 };

test('the newcomer stays, and the oldest of its address goes where that has its fill', () => {
  const shares = new Shares<string>(BOUNDS);
  for (const name of ['a', 'b', 'c', 'd']) expect(shares.take(name, '10.0.0.1', 1)).toEqual([]);
  expect(shares.take('e', '10.0.0.1', 1)).toEqual(['a']);
  expect(shares.take('f', '10.0.0.1', 1)).toEqual(['b']);
});

test('where all have their fill, the address that has most gives, not the one that has been there longest', () => {
  const shares = new Shares<string>(BOUNDS);
  shares.take('first of all', '10.0.0.1', 1);
  for (const name of ['a', 'b', 'c', 'd']) shares.take(name, '10.0.0.2', 1);
  shares.take('third', '10.0.0.3', 1);
  expect(shares.take('fourth', '10.0.0.4', 1)).toEqual(['a']);
});

test('who is refreshed is young again, and who is spared goes not at all', () => {
  const shares = new Shares<string>(BOUNDS);
  for (const name of ['a', 'b', 'c', 'd']) shares.take(name, '10.0.0.1', 1);
  shares.refresh('a');
  shares.spare('b');
  expect(shares.take('e', '10.0.0.1', 1)).toEqual(['c']);
  expect(shares.take('f', '10.0.0.1', 1)).toEqual(['d']);
  shares.refresh('b');
  expect(shares.take('g', '10.0.0.1', 1)).toEqual(['a']);
});

test('where every other one is spared, nobody goes and the newcomer stays', () => {
  const shares = new Shares<string>({ total: 1, perOwner: 1 });
  shares.take('a', '10.0.0.1', 1);
  shares.spare('a');
  expect(shares.take('b', '10.0.0.1', 1)).toEqual([]);
  expect(shares.take('c', '10.0.0.2', 1)).toEqual(['b']);
});

test('amounts count, and not heads: who holds much goes before many who hold little', () => {
  const shares = new Shares<string>({ total: 100, perOwner: 100 });
  for (let n = 0; n < 20; n += 1) shares.take(`small ${n}`, '10.0.0.1', 1);
  shares.take('large', '10.0.0.2', 40);
  expect(shares.take('larger', '10.0.0.3', 50)).toEqual(['large']);
});

type Step = readonly [kind: 'take' | 'refresh' | 'spare' | 'drop', holder: number, amount: number];

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.tuple(
    fc.constantFrom('take', 'take', 'take', 'refresh', 'spare', 'drop'),
    fc.nat(11),
    fc.integer({ min: 1, max: 3 }),
  ),
  { maxLength: 80 },
);

/** Three addresses for twelve holders. */
const addressOf = (holder: number) => `10.0.0.${holder % 3}`;

type Held = Map<number, { readonly amount: number; readonly isSpared: boolean }>;

function expectTaken(shares: Shares<number>, held: Held, holder: number, amount: number): void {
  const before = held.get(holder);
  held.set(holder, { amount: (before?.amount ?? 0) + amount, isSpared: before?.isSpared ?? false });
  for (const gone of shares.take(holder, addressOf(holder), amount)) {
    expect(gone).not.toBe(holder);
    expect(held.get(gone)?.isSpared).toBe(false);
    held.delete(gone);
  }
  const others = [...held].filter(([other, { isSpared }]) => other !== holder && !isSpared);
  const sum = [...held.values()].reduce((total, share) => total + share.amount, 0);
  if (sum > BOUNDS.total) expect(others).toEqual([]);
}

test('whatever comes: bounds hold but for what is spared, the taker is never asked, and all that is given back is there again', () => {
  fc.assert(
    fc.property(steps, (list) => {
      const shares = new Shares<number>(BOUNDS);
      const held: Held = new Map();
      for (const [kind, holder, amount] of list) {
        if (kind === 'take') expectTaken(shares, held, holder, amount);
        else {
          const share = held.get(holder);
          shares[kind](holder);
          if (kind === 'drop') held.delete(holder);
          else if (share !== undefined) held.set(holder, { ...share, isSpared: kind === 'spare' });
        }
      }
      for (const holder of held.keys()) shares.drop(holder);
      for (const name of [100, 103, 106]) expect(shares.take(name, 'x', 1)).toEqual([]);
      for (const name of [101, 104, 107]) expect(shares.take(name, 'y', 1)).toEqual([]);
      expect(shares.take(108, 'y', 1)).toHaveLength(1);
    }),
  );
});
