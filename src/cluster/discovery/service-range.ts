import { AddressSet } from '../../sets/address-set.ts';
import { addressesOf, parseAddress } from '../../sets/cidr.ts';
import { IntervalSet } from '../../sets/interval-set.ts';

/** Service ranges of kubeadm, kind, K3s and RKE2, OpenShift, MicroK8s, kubespray and GKE Autopilot, by their documentation. */
const WELL_KNOWN: readonly AddressSet[] = [
  '10.96.0.0/12',
  '10.96.0.0/16',
  '10.43.0.0/16',
  '172.30.0.0/16',
  '10.152.183.0/24',
  '10.233.0.0/18',
  '34.118.224.0/20',
].map((cidr) => addressesOf(cidr));

/** Smaller ranges are not given to API servers in practice: a /24, and for IPv6 a /112. */
const LEAST = { v4: 256n, v6: 65_536n };

/**
 * serviceRange guesses the range that ClusterIPs of one family come from, since no API that we may read tells it. The
 * `kubernetes` Service has the second address of its range. So the range is the well-known one that begins one below
 * it, or else the smallest aligned block, of a /24 (IPv6: /112) or more, that begins one below it and holds the
 * ClusterIPs seen. Those beyond every block that begins there belong to another range and are ignored. `others` are
 * addresses of nodes, which no Service range may hold: a block that would is not the one.
 */
export function serviceRange(kubernetesIP: string, seen: Iterable<bigint>, others: readonly bigint[] = []): AddressSet {
  const address = parseAddress(kubernetesIP);
  const value = addressValue(kubernetesIP);
  if (address === undefined || value === undefined) return AddressSet.empty;
  const isV4 = address.v6.isEmpty;
  const start = value - 1n;
  const known = isV4 ? wellKnown(Number(start), others) : undefined;
  if (known !== undefined) return known;
  const end = start + blockSize(start, isV4 ? LEAST.v4 : LEAST.v6, seen, others);
  return isV4
    ? new AddressSet(IntervalSet.of(Number(start), Number(end)), IntervalSet.empty())
    : new AddressSet(IntervalSet.empty(), IntervalSet.of(start, end));
}

/** The size of the smallest aligned block, `least` or more, that begins at `start`, holds what was seen, and no other. */
function blockSize(start: bigint, least: bigint, seen: Iterable<bigint>, others: readonly bigint[]): bigint {
  const holdsOther = (size: bigint) => others.some((ip) => ip >= start && ip < start + size);
  // The largest block that begins at an address is as large as its lowest bit that is set.
  const largest = start & -start;
  let size = least > largest ? largest : least;
  for (const ip of seen) while (ip >= start + size && ip < start + largest && !holdsOther(size * 2n)) size *= 2n;
  return size;
}

/** Two of them begin at the same address, so the first that nothing speaks against. */
function wellKnown(start: number, others: readonly bigint[]): AddressSet | undefined {
  return WELL_KNOWN.find(({ v4 }) => v4.bounds[0] === start && !others.some((ip) => v4.has(Number(ip))));
}

/** addressValue returns an address as a number; undefined if the text is not one. */
export function addressValue(ip: string): bigint | undefined {
  const set = parseAddress(ip);
  if (set === undefined) return undefined;
  const [v4] = set.v4.bounds;
  return v4 === undefined ? set.v6.bounds[0] : BigInt(v4);
}
