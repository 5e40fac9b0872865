import { AddressSet } from './address-set.ts';
import { IntervalSet } from './interval-set.ts';

/** Cidr is a parsed block: its addresses, and what newer API servers refuse about its spelling. */
export interface Cidr {
  readonly addresses: AddressSet;
  readonly family: 4 | 6;
  /** The number of leading bits fixed, counted in the family above. */
  readonly prefixLength: number;
  /** Why strict IP validation (on by default in Kubernetes 1.37) refuses it; older servers accept and store it. */
  readonly legacySpelling?: string | undefined;
}

/** ::ffff:0:0/96, whose blocks Go's net.IPNet.Contains treats as the IPv4 blocks that they embed. */
const MAPPED_PREFIX = 0xffffn;

/**
 * parseCidr reads a CIDR as Kubernetes' ParseCIDRSloppy does: host bits and leading zeros are accepted and ignored,
 * IPv4-mapped blocks are IPv4 blocks. undefined if every API server refuses the text.
 */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/');
  if (slash < 0) return undefined;
  const address = text.slice(0, slash);
  const mask = text.slice(slash + 1);
  if (!/^\d+$/.test(mask)) return undefined;
  const bits = Number(mask);
  const problems =
    /^0\d/.test(mask) || /(^|[.:])0\d+\.|\.0\d+$|(^|:)0+[\da-f]{4}(:|$)/i.test(address)
      ? ['must not have leading zeros']
      : [];
  const cidr = address.includes(':') ? parseV6(address, bits, problems) : parseV4(address, bits, problems);
  return cidr && (problems.length === 0 ? cidr : { ...cidr, legacySpelling: problems.join('; ') });
}

function parseV4(address: string, bits: number, problems: string[]): Cidr | undefined {
  const value = v4Value(address);
  if (value === undefined || bits > 32) return undefined;
  const size = 2 ** (32 - bits);
  const start = value - (value % size);
  if (start !== value) problems.push('must not have bits set beyond the prefix length');
  return v4Block(start, bits);
}

function v4Block(start: number, prefixLength: number): Cidr {
  const addresses = new AddressSet(IntervalSet.of(start, start + 2 ** (32 - prefixLength)), IntervalSet.empty());
  return { addresses, family: 4, prefixLength };
}

function parseV6(address: string, bits: number, problems: string[]): Cidr | undefined {
  const value = v6Value(address);
  if (value === undefined || bits > 128) return undefined;
  const size = 1n << BigInt(128 - bits);
  const start = value - (value % size);
  if (start !== value) problems.push('must not have bits set beyond the prefix length');
  if (value >> 32n === MAPPED_PREFIX) problems.push('must not be an IPv4-mapped IPv6 address');
  if (bits >= 96 && start >> 32n === MAPPED_PREFIX) return v4Block(Number(start & 0xffff_ffffn), bits - 96);
  const addresses = new AddressSet(IntervalSet.empty(), IntervalSet.of(start, start + size));
  return { addresses, family: 6, prefixLength: bits };
}

function v4Value(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let value = 0;
  for (const part of parts) {
    if (!/^\d+$/.test(part)) return undefined;
    const octet = Number(part);
    if (octet > 255) return undefined;
    value = value * 256 + octet;
  }
  return value;
}

function v6Value(text: string): bigint | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half, i) => groupsOf(half, i === halves.length - 1));
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined;
  const missing = 8 - head.length - (tail?.length ?? 0);
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...Array<number>(halves.length === 1 ? 0 : missing).fill(0), ...(tail ?? [])];
  return groups.reduce((value, group) => (value << 16n) | BigInt(group), 0n);
}

/** groupsOf reads one side of `::` as 16-bit groups; the last side may end in a dotted IPv4 address, two of them. */
function groupsOf(text: string, isLast: boolean): number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [i, part] of parts.entries()) {
    if (part.includes('.')) {
      const v4 = isLast && i === parts.length - 1 ? v4Value(part) : undefined;
      if (v4 === undefined) return undefined;
      groups.push(Math.floor(v4 / 65536), v4 % 65536);
    } else if (/^0*[0-9a-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
}

/** addressesOf parses well-formed constants; it throws on anything else. */
export function addressesOf(...cidrs: readonly string[]): AddressSet {
  return AddressSet.unionAll(
    cidrs.map((text) => {
      const cidr = parseCidr(text);
      if (cidr === undefined) throw new Error(`${text} is not a CIDR`);
      return cidr.addresses;
    }),
  );
}

/** parseAddress reads one address, such as a Pod's IP, as a set of one; undefined if it is not an address. */
export function parseAddress(text: string): AddressSet | undefined {
  return parseCidr(`${text}/${text.includes(':') ? 128 : 32}`)?.addresses;
}
