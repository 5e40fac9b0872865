import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AddressSet } from '../../../src/sets/address-set.ts';
import { addressesOf } from '../../../src/sets/cidr.ts';
import {
  GLOBALLY_ROUTABLE,
  isAnywhere,
  PRIVATE,
  publicPart,
  publicShares,
} from '../../../src/sets/globally-routable.ts';
import { addressSet } from './arbitraries.ts';
import { EMBEDDING_BLOCKS, intervalIn } from './embeddings.ts';

const DEFAULT = { numerator: 1n, denominator: 256n };
const anywhere = (...cidrs: string[]) => isAnywhere(addressesOf(...cidrs), DEFAULT);
const dotted = (n: number) => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255].join('.');
const hex = (n: number) => n.toString(16);

const v4Block = fc
  .tuple(fc.integer({ min: 0, max: 0xffff_ffff }), fc.integer({ min: 0, max: 32 }))
  .map(([value, bits]) => ({ value, bits }));

/** Sets of ordinary IPv6, of IPv4, and of IPv4 in each of its clothes. */
const clothed = fc
  .array(fc.oneof(addressSet, ...EMBEDDING_BLOCKS.map(intervalIn)), { maxLength: 4 })
  .map((sets) => AddressSet.unionAll(sets));

describe('isAnywhere, at the default threshold of 1/256', () => {
  it.each([
    ['0.0.0.0/0'],
    ['::/0'],
    ['2000::/3'],
    ['8.0.0.0/8'],
    ['0.0.0.0/1'],
    ['8.0.0.0/9', '9.0.0.0/9'],
    ['::ffff:0:0/96'],
    ['::ffff:8.0.0.0/104'],
    ['64:ff9b::/96'],
    ['64:ff9b::800:0/104'],
    ['2002::/16'],
    ['2002:800::/24'],
    ['64:ff9b:1::/48'],
    ['64:ff9b:1:abcd::/56'],
    ['64:ff9b:1:abcd::/64'],
    ['64:ff9b:1:abcd::/96'],
    ['64:ff9b:1:abcd::800:0/104'],
    ['2001::/32'],
    ['2001:0:4136:e378::/64'],
    ['2001:0:4136:e378:8000:63bf:f700:0/104'],
    ['2600::/11'],
    ['::/1'],
  ])('holds for %j', (...cidrs) => {
    expect(anywhere(...cidrs)).toBe(true);
  });

  it.each([
    ['8.0.0.0/9'],
    ['8.8.8.8/32'],
    ['0.0.0.0/8'],
    ['10.0.0.0/8'],
    ['127.0.0.0/8', '10.0.0.0/8', '240.0.0.0/4', '192.168.0.0/16', '172.16.0.0/12'],
    ['2001:db8::/32'],
    ['fc00::/7', 'fe80::/10', 'ff00::/8'],
    ['224.0.0.0/4'],
    ['::ffff:224.0.0.0/100', '64:ff9b::e000:0/100', '2002:e000::/20'],
    ['64:ff9b:1:abcd::808:808/128'],
    ['64:ff9b:1:abcd::800:0/105'],
    ['64:ff9b:1:0:8:808:800::/128'],
    ['64:ff9b:1:abcd::a00:0/104'],
    ['2001:0:4136:e378:8000:63bf:f7f7:f7f7/128'],
    ['2001:0:4136:e378:8000:63bf:f500:0/104'],
    ['2001:1::/32', '2001:10::/28', '2001:20::/28'],
    ['3000::/4'],
    ['4000::/3'],
    ['2d00::/8', '2e00::/7'],
    ['::ffff:10.0.0.0/104'],
    ['64:ff9b::a00:0/104'],
    ['2002:a00::/24'],
    ['::/96'],
    ['4000::/2'],
  ])('does not hold for %j', (...cidrs) => {
    expect(anywhere(...cidrs)).toBe(false);
  });

  it('holds for every public /8 and for no public /9', () => {
    // A quarter of 100.0.0.0/8 is shared address space (RFC 6598), which leaves it under the threshold.
    // From 224 on it is multicast, and then nothing.
    const special = new Set([0, 10, 100, 127, ...Array.from({ length: 32 }, (_, n) => 224 + n)]);
    for (let first = 0; first < 256; first += 1) {
      expect(anywhere(`${first}.0.0.0/8`), `${first}.0.0.0/8`).toBe(!special.has(first));
      expect(anywhere(`${first}.0.0.0/9`), `${first}.0.0.0/9`).toBe(false);
      expect(anywhere(`${first}.128.0.0/9`), `${first}.128.0.0/9`).toBe(false);
    }
  });

  it.each([
    ['APNIC', '2400::/12'],
    ['APNIC, its second', '2410::/12'],
    ['ARIN', '2600::/12'],
    ['ARIN, its second', '2630::/12'],
    ['LACNIC', '2800::/12'],
    ['RIPE NCC', '2a00::/12'],
    ['RIPE NCC, its second', '2a10::/12'],
    ['AFRINIC', '2c00::/12'],
  ])('holds for what a regional registry has: %s, and a sixteenth of it', (_, block) => {
    expect(anywhere(block)).toBe(true);
    expect(anywhere(block.replace('/12', '/16'))).toBe(true);
  });

  it.each([['2600:1f00::/24'], ['2a01:c000::/19'], ['2003::/19'], ['2a00:1450::/29'], ['2606:4700::/32']])(
    'does not hold for what one provider has: %s',
    (block) => {
      expect(anywhere(block)).toBe(false);
    },
  );

  it('is decided by the two families each taken alone', () => {
    expect(anywhere('8.0.0.0/9', '2600::/17')).toBe(false);
  });

  it('still holds for the Internet less a few resolvers, and no longer for what an except leaves of a /8', () => {
    const open = addressesOf('0.0.0.0/0').subtract(addressesOf('8.8.8.8/32', '1.1.1.1/32'));
    expect(isAnywhere(open, DEFAULT)).toBe(true);
    expect(isAnywhere(addressesOf('8.0.0.0/8').subtract(addressesOf('8.0.0.0/9')), DEFAULT)).toBe(false);
  });

  it('only ever grows with the set and shrinks with the threshold', () => {
    fc.assert(
      fc.property(v4Block, v4Block, fc.integer({ min: 1, max: 512 }), (a, b, denominator) => {
        const [one, two] = [a, b].map(({ value, bits }) => addressesOf(`${dotted(value)}/${bits}`));
        if (one === undefined || two === undefined) throw new Error('two blocks make two sets');
        const threshold = { numerator: 1n, denominator: BigInt(denominator) };
        const tighter = { numerator: 1n, denominator: BigInt(denominator) + 1n };
        if (!isAnywhere(one, threshold)) return;
        expect(isAnywhere(one.union(two), threshold)).toBe(true);
        expect(isAnywhere(one, tighter)).toBe(true);
      }),
    );
  });
});

describe('publicPart', () => {
  it('judges an IPv6 address by the IPv4 it embeds, and then as nothing else', () => {
    fc.assert(
      fc.property(v4Block, ({ value, bits }) => {
        const [high, low] = [value >>> 16, value & 0xffff];
        const expected = publicPart(addressesOf(`${dotted(value)}/${bits}`)).v4.bounds;
        for (const clothes of [
          `::ffff:${hex(high)}:${hex(low)}/${96 + bits}`,
          `64:ff9b::${hex(high)}:${hex(low)}/${96 + bits}`,
          `2002:${hex(high)}:${hex(low)}::/${16 + bits}`,
          `2001:0:4136:e378:8000:63bf:${hex(high ^ 0xffff)}:${hex(low ^ 0xffff)}/${96 + bits}`,
        ]) {
          const part = publicPart(addressesOf(clothes));
          expect(part.v4.bounds, clothes).toEqual(expected);
          expect(part.v6.isEmpty, clothes).toBe(true);
        }
      }),
    );
  });

  it('finds no more in what it has found', () => {
    fc.assert(
      fc.property(clothed, (addresses) => {
        expect(publicPart(publicPart(addresses))).toEqual(publicPart(addresses));
      }),
    );
  });

  it('grows with the set, and of a union is the union of the parts', () => {
    fc.assert(
      fc.property(clothed, clothed, (one, other) => {
        const both = publicPart(one.union(other));
        expect(both.equals(publicPart(one).union(publicPart(other)))).toBe(true);
        expect(publicPart(one.intersect(other)).isSubset(publicPart(one))).toBe(true);
      }),
    );
  });

  it('lies within the globally routable addresses', () => {
    expect(publicPart(AddressSet.all)).toEqual(GLOBALLY_ROUTABLE);
    expect(publicPart(PRIVATE).isEmpty).toBe(true);
  });
});

describe('publicShares', () => {
  it('gives the shares of each family', () => {
    expect(publicShares(AddressSet.all)).toEqual({ v4: 1, v6: 1 });
    expect(publicShares(addressesOf('2000::/3'))).toEqual({ v4: 1, v6: 1 });
    expect(publicShares(addressesOf('10.0.0.0/8'))).toEqual({ v4: 0, v6: 0 });
    const half = publicShares(addressesOf('0.0.0.0/1'));
    expect(half.v4).toBeGreaterThan(0.5);
    expect(half.v4).toBeLessThan(0.6);
  });
});
