import { DNS_ADDRESSES } from './places.ts';
import { ADDRESS_BLOCKS, ALLOWED_RESOLVER, SLICES } from './vocabulary.ts';

/**
 * Atom is a run of addresses that no block of the vocabulary and no special-purpose registry cuts in two, so asking
 * its first address is asking all of them.
 */
interface Atom {
  readonly family: 4 | 6;
  readonly first: bigint;
  /** Globally routable atoms alone: the IPv4 or IPv6 addresses that it counts for. */
  readonly counts?: { readonly family: 4 | 6; readonly id: string; readonly size: bigint };
}

interface Range {
  readonly family: 4 | 6;
  readonly first: bigint;
  readonly end: bigint;
}

// IANA's special-purpose registries, read off the web pages, IPv6's where they lie within 2000::/3; and IPv4 multicast.
const SPECIAL = `0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24
  192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24
  203.0.113.0/24 224.0.0.0/4 240.0.0.0/4 2001::/23 2001:db8::/32 2620:4f:8000::/48 3fff::/20`;

// What of IPv6 the regional registries have of IANA, neighbouring blocks of one another written as one.
const ALLOCATED = `2001:200::/23 2001:400::/22 2001:800::/21 2001:1200::/23 2001:1400::/22 2001:1800::/21 2001:2000::/19
  2001:4000::/21 2001:4800::/22 2001:4c00::/23 2001:5000::/20 2001:8000::/18 2003::/18 2400::/11 2600::/12 2610::/23
  2620::/23 2630::/12 2800::/12 2a00::/11 2c00::/12`;

/**
 * Where IPv6 holds IPv4: mapped, NAT64, NAT64 by a prefix of one's own, 6to4, Teredo; how many bits stand right of the
 * embedded address, and whether its bits are inverted. Of the latter blocks the vocabulary has these two /96 alone, in which
 * nothing else is embedded that is public, and what holds them with all of IPv4 beside them.
 */
const EMBEDDINGS = [
  { block: rangeOf('::ffff:0:0/96'), right: 0n },
  { block: rangeOf('64:ff9b::/96'), right: 0n },
  { block: rangeOf('64:ff9b:1::/96'), right: 0n },
  { block: rangeOf('2002::/16'), right: 80n },
  { block: rangeOf('2001:0:4136:e378:8000:63bf::/96'), right: 0n, isInverted: true },
];
const LAST_V4 = (1n << 32n) - 1n;

/** rangeOf reads a well-spelt CIDR. */
function rangeOf(cidr: string): Range {
  const [address = '', bits = ''] = cidr.split('/');
  const family = address.includes(':') ? 6 : 4;
  const width = family === 4 ? 32n : 128n;
  const size = 1n << (width - BigInt(bits));
  const first = family === 4 ? valueOf(address.split('.'), 10, 8n) : valueOf(expand(address), 16, 16n);
  return { family, first, end: first + size };
}

function valueOf(parts: readonly string[], base: number, bits: bigint): bigint {
  return parts.reduce((value, part) => (value << bits) | BigInt(Number.parseInt(part, base)), 0n);
}

function expand(address: string): string[] {
  const [head = [], tail] = address.split('::').map((half) => half.split(':').filter((group) => group !== ''));
  return tail === undefined ? head : [...head, ...Array<string>(8 - head.length - tail.length).fill('0'), ...tail];
}

const special = SPECIAL.split(/\s+/).map(rangeOf);
const allocated = ALLOCATED.split(/\s+/).map(rangeOf);
const mentioned = [...ADDRESS_BLOCKS.flat(), ...SLICES.flat(), ...DNS_ADDRESSES, ALLOWED_RESOLVER].map(rangeOf);
const edges = (ranges: readonly Range[], family: 4 | 6) =>
  ranges.filter((range) => range.family === family).flatMap(({ first, end }) => [first, end]);
const embeddedEdges = EMBEDDINGS.flatMap(({ block, right, isInverted }) =>
  edges(mentioned, 6)
    .filter((edge) => edge > block.first && edge < block.end)
    .map((edge) => (edge - block.first) >> right)
    .map((cut) => (isInverted ? LAST_V4 + 1n - cut : cut)),
);
const cuts4 = sorted([0n, 1n << 32n, ...edges(mentioned, 4), ...edges(special, 4), ...embeddedEdges]);
const cuts6 = sorted([
  ...[0n, 1n << 128n, ...edges(allocated, 6), ...edges(mentioned, 6), ...edges(special, 6)],
  ...EMBEDDINGS.flatMap(({ block, right, isInverted }) =>
    cuts4.map((cut) => block.first + ((isInverted ? LAST_V4 + 1n - cut : cut) << right)),
  ),
]);

function sorted(cuts: readonly bigint[]): bigint[] {
  return [...new Set(cuts)].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

const holds = (range: Range, family: 4 | 6, address: bigint) =>
  range.family === family && range.first <= address && address < range.end;

function countsFor(family: 4 | 6, first: bigint, size: bigint): Atom['counts'] {
  for (const { block, right, isInverted } of EMBEDDINGS) {
    if (!holds(block, family, first)) continue;
    const [start, count] = [(first - block.first) >> right, size >> right];
    return countsFor(4, isInverted ? LAST_V4 + 1n - start - count : start, count);
  }
  if (special.some((range) => holds(range, family, first))) return undefined;
  if (family === 4) return { family, id: `4:${first}`, size };
  return allocated.some((range) => holds(range, 6, first)) ? { family, id: `6:${first}`, size } : undefined;
}

function atomsOf(cuts: readonly bigint[], family: 4 | 6): Atom[] {
  return cuts.slice(0, -1).map((first, i) => {
    const counts = countsFor(family, first, (cuts[i + 1] ?? first) - first);
    return { family, first, ...(counts && { counts }) };
  });
}

const ATOMS: readonly Atom[] = [...atomsOf(cuts4, 4), ...atomsOf(cuts6, 6)];

/** Atoms is a set of atoms: bit n stands for the nth. */
export type Atoms = bigint;

const bit = (atom: number): Atoms => 1n << BigInt(atom);

/** maskOf collects the atoms for which `keep` holds, as the bit that `as` gives for each. */
function maskOf(keep: (atom: Atom, i: number) => boolean, as: (i: number) => Atoms = bit): Atoms {
  return ATOMS.reduce((mask, atom, i) => (keep(atom, i) ? mask | as(i) : mask), 0n);
}

export const EVERY_ADDRESS: Atoms = maskOf(() => true);

const blocks = new Map<string, Atoms>();

/** atomsOfBlock returns the atoms of a block of the vocabulary less its exceptions. */
export function atomsOfBlock(cidr: string, except: readonly string[] = []): Atoms {
  const key = [cidr, ...except].join();
  const known = blocks.get(key);
  if (known !== undefined) return known;
  const block = rangeOf(cidr);
  const holes = except.map(rangeOf);
  const atoms = maskOf(
    ({ family, first }) => holds(block, family, first) && !holes.some((hole) => holds(hole, family, first)),
  );
  blocks.set(key, atoms);
  return atoms;
}

const firstWithId = new Map<string, number>();
for (const [i, { counts }] of ATOMS.entries()) {
  if (counts !== undefined && !firstWithId.has(counts.id)) firstWithId.set(counts.id, i);
}
const publicBits = ATOMS.map(({ counts }) => (counts === undefined ? 0n : bit(firstWithId.get(counts.id) ?? 0)));
const publicParts = new Map<Atoms, Atoms>();

/** publicAtoms keeps what is globally routable, with embedded IPv4 addresses folded onto the IPv4 atoms. */
export function publicAtoms(atoms: Atoms): Atoms {
  const known = publicParts.get(atoms);
  if (known !== undefined) return known;
  const part = publicBits.reduce((mask, own, i) => ((atoms & bit(i)) === 0n ? mask : mask | own), 0n);
  publicParts.set(atoms, part);
  return part;
}

function sizes(folded: Atoms): { v4: bigint; v6: bigint } {
  const sum = (family: 4 | 6) =>
    ATOMS.reduce((total, { counts }, i) => {
      return counts?.family === family && (folded & bit(i)) !== 0n ? total + counts.size : total;
    }, 0n);
  return { v4: sum(4), v6: sum(6) };
}

const whole = sizes(publicAtoms(EVERY_ADDRESS));
const verdicts = new Map<Atoms, boolean>();

/** familyPart keeps the public atoms that count for one family. */
export function familyPart(folded: Atoms, family: 4 | 6): Atoms {
  return folded & FAMILIES[family];
}

const FAMILIES = { 4: maskOf(({ counts }) => counts?.family === 4), 6: maskOf(({ counts }) => counts?.family === 6) };

/** isAnywhere holds where public atoms are at least 1/256 of the routable addresses of one family. */
export function isAnywhere(folded: Atoms): boolean {
  const known = verdicts.get(folded);
  if (known !== undefined) return known;
  const { v4, v6 } = sizes(folded);
  const verdict = v4 * 256n >= whole.v4 || v6 * 256n >= whole.v6;
  verdicts.set(folded, verdict);
  return verdict;
}
