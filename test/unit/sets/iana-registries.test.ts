import { describe, expect, it } from 'vitest';
import { addressesOf } from '../../../src/sets/cidr.ts';
import { ALLOCATED_V6, SPECIAL_PURPOSE_V6 } from '../../../src/sets/iana-registries.ts';

const allocated = addressesOf(...ALLOCATED_V6);
const holds = (block: string) => addressesOf(block).isSubset(allocated);

describe('what IANA has allocated of IPv6', () => {
  it('is unicast, and named once', () => {
    expect(allocated.isSubset(addressesOf('2000::/3'))).toBe(true);
    const sum = ALLOCATED_V6.reduce((total, block) => total + addressesOf(block).size, 0n);
    expect(allocated.size).toBe(sum);
  });

  it('is eight /12 and small change', () => {
    const share = Number((allocated.size * 100n) >> 116n) / 100;
    expect(share).toBeGreaterThan(8);
    expect(share).toBeLessThan(8.1);
  });

  it.each([
    ['APNIC', '2001:200::/23', '2001:7fa:3::/48', '2001:b000::/20', '240e::/20', '2404:6800::/32', '2410::/12'],
    ['ARIN', '2001:4860::/32', '2001:500::/30', '2600:1f00::/24', '2606:4700::/32', '2610:a1::/32', '2620:fe::/48'],
    ['LACNIC', '2001:1280::/32', '2800:3f0::/32', '2804::/16'],
    ['RIPE NCC', '2001:67c::/32', '2001:7f8::/32', '2003::/19', '2a01:c000::/19', '2a10:50c0::/29'],
    ['AFRINIC', '2001:43f8::/29', '2c0f:f248::/32'],
  ])('holds what %s gives out', (_, ...blocks) => {
    expect(blocks.filter((block) => !holds(block))).toEqual([]);
  });

  it.each([
    '2000::/16',
    '2001::/23',
    '2001:1000::/23',
    '2001:4e00::/23',
    '2001:6000::/19',
    '2001:c000::/18',
    '2002::/16',
    '2003:4000::/18',
    '2420::/11',
    '2610:200::/23',
    '2620:200::/23',
    '2640::/10',
    '2810::/12',
    '2a20::/11',
    '2c10::/12',
    '2d00::/8',
    '2e00::/7',
    '3000::/4',
    '3ffe::/16',
    '5f00::/8',
    'ff00::/8',
  ])('holds nothing of %s, which IANA keeps', (block) => {
    expect(addressesOf(block).intersects(allocated)).toBe(false);
  });

  it('holds what is special within it, to be taken off', () => {
    expect(SPECIAL_PURPOSE_V6.filter((block) => !holds(block))).toEqual([]);
  });
});
