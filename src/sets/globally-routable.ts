import { AddressSet } from './address-set.ts';
import { addressesOf } from './cidr.ts';
import { IntervalSet } from './interval-set.ts';

/** IANA IPv4 Special-Purpose Address Registry (iana-ipv4-special-registry). */
const SPECIAL_V4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '240.0.0.0/4',
];

/** The entries of the IANA IPv6 Special-Purpose Address Registry that lie within 2000::/3. */
const SPECIAL_V6 = ['2001::/23', '2001:db8::/32', '2002::/16', '2620:4f:8000::/48', '3fff::/20'];

/** GLOBALLY_ROUTABLE is what counts as the Internet: 0.0.0.0/0 and 2000::/3 less the special-purpose registries. */
export const GLOBALLY_ROUTABLE: AddressSet = addressesOf('0.0.0.0/0', '2000::/3').subtract(
  addressesOf(...SPECIAL_V4, ...SPECIAL_V6),
);

/** PRIVATE holds the private and link-local addresses that a cluster's own DNS can have. */
export const PRIVATE: AddressSet = addressesOf(
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '169.254.0.0/16',
  'fc00::/7',
  'fe80::/10',
);

/** Where IPv6 embeds IPv4: the block, and how far right the 32 bits sit. Mapped, NAT64 (RFC 6052), 6to4 (RFC 3056). */
const EMBEDDINGS = [
  { start: 0xffffn << 32n, prefixLength: 96, shift: 0n },
  { start: 0x64ff9bn << 96n, prefixLength: 96, shift: 0n },
  { start: 0x2002n << 112n, prefixLength: 16, shift: 80n },
] as const;

/** publicPart returns the globally routable addresses of a set; IPv4 in IPv6 clothes counts as the IPv4 it embeds. */
export function publicPart(addresses: AddressSet): AddressSet {
  if (addresses.v6.isEmpty && !addresses.v4.intersects(GLOBALLY_ROUTABLE.v4)) return AddressSet.empty;
  if (addresses.v6.isEmpty) return addresses.intersect(GLOBALLY_ROUTABLE);
  const embedded = EMBEDDINGS.map((embedding) => embeddedV4(addresses.v6, embedding));
  const v4 = IntervalSet.unionAll([addresses.v4, ...embedded]);
  return new AddressSet(v4, addresses.v6).intersect(GLOBALLY_ROUTABLE);
}

function embeddedV4(v6: IntervalSet<bigint>, { start, prefixLength, shift }: (typeof EMBEDDINGS)[number]) {
  const end = start + (1n << BigInt(128 - prefixLength));
  const parts = [...v6.intersect(IntervalSet.of(start, end)).intervals()].map(([first, last]) =>
    IntervalSet.of(Number((first - start) >> shift), Number((last - 1n - start) >> shift) + 1),
  );
  return IntervalSet.unionAll(parts);
}

/** Fraction is an exact share, such as 1/256. */
export interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/**
 * isAnywhere holds where the set reaches at least `threshold` of the globally routable addresses
 * of IPv4 or of IPv6, each taken alone.
 */
export function isAnywhere(addresses: AddressSet, threshold: Fraction): boolean {
  const open = publicPart(addresses);
  const passes = (part: bigint, whole: bigint) => part * threshold.denominator >= whole * threshold.numerator;
  return passes(open.inFamily(4).size, ROUTABLE_V4) || passes(open.inFamily(6).size, ROUTABLE_V6);
}

/** publicShares returns the shares of the globally routable addresses, 0 to 1, for messages. */
export function publicShares(addresses: AddressSet): { v4: number; v6: number } {
  const open = publicPart(addresses);
  return {
    v4: Number(open.inFamily(4).size) / Number(ROUTABLE_V4),
    v6: Number(open.inFamily(6).size) / Number(ROUTABLE_V6),
  };
}

const ROUTABLE_V4 = GLOBALLY_ROUTABLE.inFamily(4).size;
const ROUTABLE_V6 = GLOBALLY_ROUTABLE.inFamily(6).size;
