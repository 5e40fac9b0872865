import { IntervalSet } from './interval-set.ts';

/** Place is the position of the 32 bits of an IPv4 address in an IPv6 address. */
interface Place {
  /** The number of bits to their right. */
  readonly right: bigint;
  /** How many of them are right of the octet that RFC 6052 leaves free, bits 64 to 71; all 32 if it splits nothing. */
  readonly low: bigint;
  readonly inverted?: true | undefined;
}

interface Embedding {
  /** For a sentence. */
  readonly name: string;
  readonly block: IntervalSet<bigint>;
  readonly places: readonly Place[];
}

const LAST: Place = { right: 0n, low: 32n };

const EMBEDDINGS: readonly Embedding[] = [
  // IPv4-mapped (RFC 4291), and the well-known prefix of translators between the families (RFC 6052).
  within('IPv4-mapped IPv6', 0xffffn << 32n, 96, LAST),
  within('NAT64', 0x64_ff9bn << 96n, 96, LAST),
  // For local translators (RFC 8215). Their prefix is the whole block or any /56, /64 or /96 of it; only the operator
  // knows which, so an address counts for what it embeds in each case.
  within(
    'NAT64',
    0x64_ff9b_0001n << 80n,
    48,
    { right: 40n, low: 16n },
    { right: 32n, low: 24n },
    { right: 24n, low: 32n },
    LAST,
  ),
  // 6to4 (RFC 3056): the router that receives the packets.
  within('6to4', 0x2002n << 112n, 16, { right: 80n, low: 32n }),
  // Teredo (RFC 4380): the client that receives the packets.
  within('Teredo', 0x2001_0000n << 96n, 32, { ...LAST, inverted: true }),
];

const EMBEDDING_V4 = IntervalSet.unionAll(EMBEDDINGS.map(({ block }) => block));

function within(name: string, start: bigint, prefixLength: number, ...places: readonly Place[]): Embedding {
  return { name, block: IntervalSet.of(start, start + (1n << BigInt(128 - prefixLength))), places };
}

/**
 * embeddedV4 returns the IPv4 addresses that are embedded in IPv6 addresses: every address at which packets to one of
 * them may arrive. Bits that an RFC requires to be zero, the free octet and the suffix, may be anything: some
 * translators ignore them.
 */
export function embeddedV4(v6: IntervalSet<bigint>): IntervalSet<number> {
  if (!v6.intersects(EMBEDDING_V4)) return IntervalSet.empty();
  const found: IntervalSet<number>[] = [];
  for (const { block, places } of EMBEDDINGS) {
    for (const [start, end] of v6.intersect(block).intervals()) {
      for (const interval of places.flatMap((place) => addressesIn(place, start, end - 1n))) {
        // Wide sets hold all of IPv4 many times over.
        if (interval[1] - interval[0] === V4_END) return EVERY_V4;
        found.push(IntervalSet.of(...interval));
      }
    }
  }
  return IntervalSet.unionAll(found);
}

/** embeddingsIn names the kinds of IPv6 addresses of a set that embed IPv4 addresses: `NAT64`, `6to4`. */
export function embeddingsIn(v6: IntervalSet<bigint>): readonly string[] {
  return [...new Set(EMBEDDINGS.filter(({ block }) => v6.intersects(block)).map(({ name }) => name))];
}

/** Interval contains its start but not its end. */
type Interval = readonly [start: number, end: number];

/** addressesIn returns what the IPv6 addresses first to last contain in one place. */
function addressesIn({ right, low, inverted }: Place, first: bigint, last: bigint): readonly Interval[] {
  const [from, to] = [first >> right, last >> right];
  if (low < WHOLE) return addressesInHalves(from, to, low);
  const addresses = lastBits(from, to, WHOLE);
  return inverted ? addresses.map(([start, end]) => [V4_END - end, V4_END - start]) : addresses;
}

const WHOLE = 32n;
const V4_END = 2 ** 32;
const EVERY_V4 = IntervalSet.of(0, V4_END);
const FREE_OCTET = 8n;

/** Bits left of the free octet change once for each round of those right of it. */
function addressesInHalves(from: bigint, to: bigint, low: bigint): readonly Interval[] {
  const [round, high] = [low + FREE_OCTET, WHOLE - low];
  const [head, tail] = [from >> round, to >> round];
  const size = 2 ** Number(low);
  const under = (left: bigint, first: bigint, last: bigint) => {
    const base = Number(BigInt.asUintN(Number(high), left)) * size;
    return lastBits(first, last, low).map(([start, end]): Interval => [base + start, base + end]);
  };
  if (head === tail) return under(head, from, to);
  const between = tail - head === 1n ? [] : lastBits(head + 1n, tail - 1n, high);
  return [
    ...under(head, from, ((head + 1n) << round) - 1n),
    ...between.map(([start, end]): Interval => [start * size, end * size]),
    ...under(tail, tail << round, to),
  ];
}

/** lastBits returns the last `width` bits of the numbers from..to. */
function lastBits(from: bigint, to: bigint, width: bigint): readonly Interval[] {
  const size = Number(1n << width);
  if (to - from >= size - 1) return [[0, size]];
  const [start, end] = [from, to].map((number) => Number(BigInt.asUintN(Number(width), number))) as [number, number];
  if (start <= end) return [[start, end + 1]];
  return [
    [start, size],
    [0, end + 1],
  ];
}
