import fc from 'fast-check';
import { AddressSet } from '../../../src/sets/address-set.ts';
import { IntervalSet } from '../../../src/sets/interval-set.ts';

const read = (digits: string) => Number.parseInt(digits, 16);

/**
 * READINGS are the blocks within which IPv6 addresses hold IPv4 ones, and how the RFCs draw that: hexadecimal digits cut out
 * of the 32 of an address. A block that is read in several ways comes several times.
 */
export const READINGS: readonly {
  readonly block: string;
  readonly way: string;
  read(digits: string): number;
}[] = [
  { block: '::ffff:0:0/96', way: 'mapped', read: (digits) => read(digits.slice(24)) },
  { block: '64:ff9b::/96', way: 'NAT64', read: (digits) => read(digits.slice(24)) },
  { block: '64:ff9b:1::/48', way: 'NAT64 by a /96', read: (digits) => read(digits.slice(24)) },
  { block: '64:ff9b:1::/48', way: 'NAT64 by a /64', read: (digits) => read(digits.slice(18, 26)) },
  {
    block: '64:ff9b:1::/48',
    way: 'NAT64 by a /56',
    read: (digits) => read(digits.slice(14, 16) + digits.slice(18, 24)),
  },
  {
    block: '64:ff9b:1::/48',
    way: 'NAT64 by the /48',
    read: (digits) => read(digits.slice(12, 16) + digits.slice(18, 22)),
  },
  { block: '2002::/16', way: '6to4', read: (digits) => read(digits.slice(4, 12)) },
  { block: '2001::/32', way: 'Teredo', read: (digits) => 0xffff_ffff - read(digits.slice(24)) },
];

/** EMBEDDING_BLOCKS are the blocks, each once. */
export const EMBEDDING_BLOCKS: readonly string[] = [...new Set(READINGS.map(({ block }) => block))];

/** embeddedIn returns the IPv4 addresses that an IPv6 address may be taken for. */
export function embeddedIn(address: bigint): readonly number[] {
  const digits = address.toString(16).padStart(32, '0');
  return READINGS.filter(({ block }) => holds(block, address)).map((reading) => reading.read(digits));
}

/** boundsOf returns the first address of an IPv6 block, and the one behind its last. Mapped addresses stay what they are. */
export function boundsOf(block: string): readonly [start: bigint, end: bigint] {
  const [, head = '', tail = '', bits] = /^(.*)::(.*)\/(\d+)$/.exec(block) ?? [];
  const groups = (text: string) => text.split(':').filter((group) => group !== '');
  const zeros = Array<string>(8 - groups(head).length - groups(tail).length).fill('0');
  const all = [...groups(head), ...zeros, ...groups(tail)];
  const start = BigInt(`0x${all.map((group) => group.padStart(4, '0')).join('')}`);
  return [start, start + (1n << BigInt(128 - Number(bits)))];
}

function holds(block: string, address: bigint): boolean {
  const [start, end] = boundsOf(block);
  return start <= address && address < end;
}

/** intervalIn draws addresses in a row, within a block: few or many, from anywhere or from a round number on. */
export function intervalIn(block: string): fc.Arbitrary<AddressSet> {
  const [start, end] = boundsOf(block);
  const round = fc.nat({ max: 128 }).map((bits) => (1n << BigInt(bits)) - 1n);
  return fc
    .tuple(fc.bigInt({ min: start, max: end - 1n }), round, fc.nat({ max: 80 }), fc.bigInt({ min: 1n, max: 300n }))
    .map(([address, mask, bits, count]) => {
      const first = address - (address & mask) < start ? address : address - (address & mask);
      const last = first + (count << BigInt(bits));
      return new AddressSet(IntervalSet.empty(), IntervalSet.of(first, last < end ? last : end));
    });
}
