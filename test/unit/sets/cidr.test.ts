import { BlockList, isIPv4, isIPv6 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AddressSet } from '../../../src/sets/address-set.ts';
import { addressesOf, parseAddress, parseCidr } from '../../../src/sets/cidr.ts';

const octet = fc.integer({ min: 0, max: 255 });
const octets = fc.tuple(octet, octet, octet, octet);
const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }));
const groups = fc.array(group, { minLength: 8, maxLength: 8 });

const v4Number = (parts: readonly number[]) => parts.reduce((value, part) => value * 256 + part, 0);
const v6Number = (parts: readonly number[]) => parts.reduce((value, part) => (value << 16n) | BigInt(part), 0n);
const v6Text = (parts: readonly number[]) => parts.map((part) => part.toString(16)).join(':');

const hasV4 = (set: AddressSet, parts: readonly number[]) => set.v4.has(v4Number(parts));
const hasV6 = (set: AddressSet, parts: readonly number[]) => set.v6.has(v6Number(parts));

/** near changes one bit, so that about half of the addresses asked about lie just outside the block. */
function near(parts: readonly number[], width: number, bit: number): number[] {
  return parts.map((part, i) => (Math.floor(bit / width) === i ? part ^ (1 << (width - 1 - (bit % width))) : part));
}

/** A spelling of eight groups: `::` for some run of zeros or for none, capitals, padding, a dotted tail. */
const spelling = fc.record({
  run: fc.nat(7),
  capitals: fc.boolean(),
  padded: fc.boolean(),
  dotted: fc.boolean(),
});

function spell(parts: readonly number[], how: { run: number; capitals: boolean; padded: boolean; dotted: boolean }) {
  const texts = parts.map((part) => (how.padded ? part.toString(16).padStart(4, '0') : part.toString(16)));
  const [high = 0, low = 0] = parts.slice(6);
  const tail = how.dotted ? [`${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`] : texts.slice(6);
  const all = [...texts.slice(0, 6), ...tail];
  const zeros = parts.slice(how.run, 6).findIndex((part) => part !== 0);
  const end = zeros < 0 ? 6 : how.run + zeros;
  const text = end > how.run ? `${all.slice(0, how.run).join(':')}::${all.slice(end).join(':')}` : all.join(':');
  return how.capitals ? text.toUpperCase() : text;
}

describe('parseCidr', () => {
  it('agrees with net.BlockList on IPv4 blocks, host bits included', () => {
    fc.assert(
      fc.property(octets, fc.integer({ min: 0, max: 32 }), fc.nat(31), octets, (address, bits, bit, other) => {
        const cidr = parseCidr(`${address.join('.')}/${bits}`);
        const list = new BlockList();
        list.addSubnet(address.join('.'), bits, 'ipv4');
        expect(cidr?.family).toBe(4);
        expect(cidr?.prefixLength).toBe(bits);
        expect(cidr?.addresses.v6.isEmpty).toBe(true);
        for (const asked of [address, near(address, 8, bit), other]) {
          expect(cidr && hasV4(cidr.addresses, asked)).toBe(list.check(asked.join('.'), 'ipv4'));
        }
      }),
    );
  });

  it('agrees with net.BlockList on IPv6 blocks', () => {
    fc.assert(
      fc.property(groups, fc.integer({ min: 0, max: 128 }), fc.nat(127), groups, (address, bits, bit, other) => {
        fc.pre(v6Number(address) >> 32n !== 0xffffn);
        const cidr = parseCidr(`${v6Text(address)}/${bits}`);
        const list = new BlockList();
        list.addSubnet(v6Text(address), bits, 'ipv6');
        expect(cidr?.family).toBe(6);
        expect(cidr?.addresses.v4.isEmpty).toBe(true);
        for (const asked of [address, near(address, 16, bit), other]) {
          expect(cidr && hasV6(cidr.addresses, asked)).toBe(list.check(v6Text(asked), 'ipv6'));
        }
      }),
    );
  });

  it('reads every spelling of an IPv6 address as the same block', () => {
    fc.assert(
      fc.property(groups, fc.integer({ min: 0, max: 128 }), spelling, (address, bits, how) => {
        const text = spell(address, how);
        expect(isIPv6(text)).toBe(true);
        const expected = parseCidr(`${v6Text(address)}/${bits}`);
        expect(parseCidr(`${text}/${bits}`)).toEqual(expected);
      }),
    );
  });

  it('ignores leading zeros in IPv4, and says that newer servers refuse them', () => {
    fc.assert(
      fc.property(octets, fc.integer({ min: 0, max: 32 }), fc.nat(3), (address, bits, at) => {
        const padded = address.map((part, i) => (i === at ? `0${part}` : `${part}`)).join('.');
        const cidr = parseCidr(`${padded}/${bits}`);
        expect(cidr?.addresses).toEqual(parseCidr(`${address.join('.')}/${bits}`)?.addresses);
        expect(cidr?.legacySpelling).toContain('leading zeros');
      }),
    );
    expect(parseCidr('10.0.0.0/08')?.legacySpelling).toContain('leading zeros');
  });

  it('takes an IPv4-mapped block of 96 bits or more for the IPv4 block that it embeds', () => {
    fc.assert(
      fc.property(octets, fc.integer({ min: 0, max: 32 }), (address, bits) => {
        const cidr = parseCidr(`::ffff:${address.join('.')}/${96 + bits}`);
        expect(cidr?.addresses).toEqual(parseCidr(`${address.join('.')}/${bits}`)?.addresses);
        expect(cidr?.legacySpelling).toContain('IPv4-mapped');
      }),
    );
    expect(parseCidr('::ffff:0:0/95')?.family).toBe(6);
  });

  it('names host bits as a legacy spelling exactly where there are some', () => {
    fc.assert(
      fc.property(octets, fc.integer({ min: 0, max: 32 }), (address, bits) => {
        const hostBits = v4Number(address) % 2 ** (32 - bits) !== 0;
        const cidr = parseCidr(`${address.join('.')}/${bits}`);
        expect(cidr?.legacySpelling?.includes('beyond the prefix length') ?? false).toBe(hostBits);
      }),
    );
  });

  it.each(['fd00::0001/128', 'fd00::0000/64', '0001:0002::/32', '::/0', '2001:DB8::/32', '1:2:3:4:5:6:7::/112'])(
    'has nothing to say against %s, which strict validation accepts',
    (text) => {
      expect(parseCidr(text)).toBeDefined();
      expect(parseCidr(text)?.legacySpelling).toBeUndefined();
    },
  );

  it.each([
    '',
    '/',
    '/8',
    '10.0.0.0',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/+8',
    '10.0.0.0/8 ',
    ' 10.0.0.0/8',
    '10.0.0.0/8/8',
    '10.0.0/8',
    '10.0.0.0.0/8',
    '10..0.0/8',
    '256.0.0.0/8',
    '0x10.0.0.0/8',
    '1e1.0.0.0/8',
    '10.0.0.0/0x8',
    '10.0.0.0/255.0.0.0',
    '::/129',
    ':/0',
    ':::/0',
    '1::2::3/64',
    '1:2:3:4:5:6:7/64',
    '1:2:3:4:5:6:7:8:9/64',
    '1:2:3:4:5:6:7:8::/64',
    '12345::/16',
    'g::/16',
    'fe80::1%eth0/64',
    '::1.2.3/128',
    '::1.2.3.256/128',
    '1.2.3.4::/16',
    '1:2.3.4.5::/32',
    '::1.2.3.4:5/128',
    '[::]/0',
    'any',
  ])('refuses %j', (text) => {
    expect(parseCidr(text)).toBeUndefined();
  });

  it('never throws, and where it reads what is no plain address it says what is odd', () => {
    const letters = fc.constantFrom(...'0123456789abcdefF.:/% -x'.split(''), '::', 'ffff', '/8', '0.0', '٣', '\u0000');
    const junk = fc.oneof(
      fc.string(),
      fc.array(letters, { maxLength: 24 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(junk, (text) => {
        const cidr = parseCidr(text);
        if (cidr === undefined) return;
        const address = text.slice(0, text.indexOf('/'));
        if (!isIPv4(address) && !isIPv6(address)) expect(cidr.legacySpelling).toBeDefined();
      }),
      { numRuns: 5000 },
    );
  });
});

describe('parseAddress', () => {
  it('reads one address as a set of one', () => {
    fc.assert(
      fc.property(octets, groups, (v4, v6) => {
        const number = v4Number(v4);
        expect(parseAddress(v4.join('.'))?.v4.bounds).toEqual([number, number + 1]);
        fc.pre(v6Number(v6) >> 32n !== 0xffffn);
        expect(parseAddress(v6Text(v6))?.v6.bounds).toEqual([v6Number(v6), v6Number(v6) + 1n]);
      }),
    );
  });

  it.each(['', '10.0.0.1/32', '10.0.0', 'kube-dns', '::1/128'])('refuses %j', (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });
});

describe('addressesOf', () => {
  it('joins blocks, and throws on what is none', () => {
    expect(addressesOf('10.0.0.0/9', '10.128.0.0/9')).toEqual(addressesOf('10.0.0.0/8'));
    expect(() => addressesOf('10.0.0.0/8', 'ten')).toThrow('ten is not a CIDR');
  });
});
