import { AddressSet } from './address-set.ts';
import { addressesOf } from './cidr.ts';
import { embeddedV4 } from './embedded-v4.ts';
import { ALLOCATED_V6, MULTICAST_V4, SPECIAL_PURPOSE_V4, SPECIAL_PURPOSE_V6 } from './iana-registries.ts';

/**
 * GLOBALLY_ROUTABLE is what counts as the Internet: 0.0.0.0/0 less multicast, and the part of IPv6 that is allocated to
 * a regional registry; both without the special-purpose registries.
 */
export const GLOBALLY_ROUTABLE: AddressSet = addressesOf('0.0.0.0/0', ...ALLOCATED_V6).subtract(
  addressesOf(...SPECIAL_PURPOSE_V4, MULTICAST_V4, ...SPECIAL_PURPOSE_V6),
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

/** publicPart returns the globally routable addresses of a set; IPv4 embedded in IPv6 counts as the IPv4 address. */
export function publicPart(addresses: AddressSet): AddressSet {
  if (addresses.v6.isEmpty && !addresses.v4.intersects(GLOBALLY_ROUTABLE.v4)) return AddressSet.empty;
  if (addresses.v6.isEmpty) return addresses.intersect(GLOBALLY_ROUTABLE);
  return new AddressSet(addresses.v4.union(embeddedV4(addresses.v6)), addresses.v6).intersect(GLOBALLY_ROUTABLE);
}

/** Fraction is an exact share, such as 1/256. */
export interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/**
 * isAnywhere holds if the set contains at least `threshold` of the globally routable addresses of IPv4 or of IPv6, each
 * on its own.
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
