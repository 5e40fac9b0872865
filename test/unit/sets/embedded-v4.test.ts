import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressesOf } from '../../../src/sets/cidr.ts';
import { embeddedV4 } from '../../../src/sets/embedded-v4.ts';
import { GLOBALLY_ROUTABLE, publicPart } from '../../../src/sets/globally-routable.ts';
import { IntervalSet } from '../../../src/sets/interval-set.ts';
import { boundsOf, EMBEDDING_BLOCKS, embeddedIn, intervalIn } from './embeddings.ts';

const embedded = (...blocks: readonly string[]) => embeddedV4(addressesOf(...blocks).v6);
const v4 = (...blocks: readonly string[]) => addressesOf(...blocks).v4;

describe.each(EMBEDDING_BLOCKS)('within %s', (block) => {
  it('every address of a row counts for each IPv4 address that it may be taken for', () => {
    const samples = fc.array(fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }), { maxLength: 20 });
    fc.assert(
      fc.property(intervalIn(block), samples, (row, numbers) => {
        const found = publicPart(row).v4;
        const [[first, end]] = [...row.v6.intervals()] as [[bigint, bigint]];
        for (const address of [first, end - 1n, ...numbers.map((number) => first + (number % (end - first)))]) {
          for (const one of embeddedIn(address)) {
            if (GLOBALLY_ROUTABLE.v4.has(one)) expect(found.has(one), `${address.toString(16)}: ${one}`).toBe(true);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it('a short row counts for nothing else', () => {
    const [start, end] = boundsOf(block);
    const row = fc.tuple(fc.bigInt({ min: start, max: end - 200n }), fc.bigInt({ min: 1n, max: 200n }));
    fc.assert(
      fc.property(row, ([first, count]) => {
        const all = Array.from({ length: Number(count) }, (_, i) => embeddedIn(first + BigInt(i))).flat();
        const expected = IntervalSet.unionAll(all.map((one) => IntervalSet.of(one, one + 1)));
        expect(embeddedV4(IntervalSet.of(first, first + count)).bounds).toEqual(expected.bounds);
      }),
    );
  });
});

describe('the local NAT64 block', () => {
  /** Where the 32 bits stand, by the length of the operator's prefix (RFC 6052, 2.2). */
  const WAYS = [
    { high: 48, highBits: 16, low: 72 },
    { high: 56, highBits: 8, low: 72 },
    { high: 72, highBits: 32, low: 104 },
    { high: 96, highBits: 32, low: 128 },
  ];

  it('counts, by its block, for what any length of prefix makes of the bits that the block fixes', () => {
    const [start, end] = boundsOf('64:ff9b:1::/48');
    const blocks = fc.tuple(fc.bigInt({ min: start, max: end - 1n }), fc.integer({ min: 48, max: 128 }));
    fc.assert(
      fc.property(blocks, ([address, bits]) => {
        const size = 1n << BigInt(128 - bits);
        const first = address - (address % size);
        const expected = embeddedIn(first).map((one, i) => {
          const { high, highBits, low } = WAYS.toReversed()[i] as (typeof WAYS)[number];
          const within = (from: number, most: number) => Math.max(0, Math.min(most, bits - from));
          const fixed = within(high, highBits) + within(low, 32 - highBits);
          const width = 2 ** (32 - fixed);
          return IntervalSet.of(one - (one % width), one - (one % width) + width);
        });
        expect(embeddedV4(IntervalSet.of(first, first + size)).bounds).toEqual(IntervalSet.unionAll(expected).bounds);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['the whole block', '64:ff9b:1::/48', '0.0.0.0/0'],
    ['a prefix of 56 bits', '64:ff9b:1:ab00::/56', '0.0.0.0/0'],
    ['a prefix of 64 bits', '64:ff9b:1:abcd::/64', '0.0.0.0/0'],
    ['a prefix of 96 bits', '64:ff9b:1:abcd:1:2:3:0/96', '0.0.0.0/0'],
  ])('is all of IPv4 in a block that holds a prefix: %s', (_, block, expected) => {
    expect(embedded(block).bounds).toEqual(v4(expected).bounds);
  });

  it('counts one address by itself, four times at most', () => {
    expect(embedded('64:ff9b:1:abcd::808:808/128').bounds).toEqual(
      v4('8.8.8.8/32', '0.0.0.8/32', '205.0.0.0/32', '171.205.0.0/32').bounds,
    );
  });

  it('sees through what a prefix of 48, 56 or 64 bits makes of an address', () => {
    expect(embedded('64:ff9b:1:808:8:800::/128').has(0x08080808)).toBe(true);
    expect(embedded('64:ff9b:1:ab08:8:808::/128').has(0x08080808)).toBe(true);
    expect(embedded('64:ff9b:1:abcd:8:808:800::/128').has(0x08080808)).toBe(true);
  });
});

describe('Teredo', () => {
  it('counts for its client, whose bits are inverted, and not for its server', () => {
    expect(embedded('2001:0:4136:e378:8000:63bf:3fff:fdd2/128').bounds).toEqual(v4('192.0.2.45/32').bounds);
  });

  it('is all of IPv4 in a block that leaves the client open', () => {
    expect(embedded('2001:0:4136:e378:8000:63bf::/96').bounds).toEqual(v4('0.0.0.0/0').bounds);
  });
});

it('ordinary IPv6 holds no IPv4', () => {
  expect(embedded('2003::/18', '2400::/6', 'fc00::/7', '2001:200::/23', '64:ff9b:2::/48', '::/96').isEmpty).toBe(true);
});
