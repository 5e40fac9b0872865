import { AddressSet } from '../../sets/address-set.ts';
import { embeddingsIn } from '../../sets/embedded-v4.ts';
import { publicPart, publicShares } from '../../sets/globally-routable.ts';
import { describeAddresses, listOf } from '../model/describe.ts';
import type { AddressPeer } from '../model/policy.ts';
import type { Opening } from './anywhere.ts';
import { type InternetRule, internetRules } from './internet-rules.ts';

/**
 * whereText says how much of the Internet openings hold: `any address`, `12% of public IPv6`, `any IPv4 address (through NAT64)`.
 * IPv4 that only IPv6 addresses embed is named with how it is reached, and only where it is more than the IPv6 beside it.
 */
export function whereText(addresses: AddressSet, openings: readonly Opening[]): string {
  const blocks: AddressSet[] = [];
  if (addresses.v4.isEmpty) return describeAddresses(addresses);
  for (const open of rulesOf(openings)) {
    if (opensV4(open)) return describeAddresses(addresses);
    blocks.push(...blocksOf(open).map((peer) => peer.addresses));
  }
  const { v4, v6 } = publicShares(addresses);
  if (v6 >= v4) return describeAddresses(addresses.inFamily(6));
  const embedded = AddressSet.unionAll(blocks);
  const ways = `(through ${listOf(embeddingsIn(embedded.v6))})`;
  const parts = [`${describeAddresses(addresses.inFamily(4))} ${ways}`];
  return listOf(v6 > 0 ? [...parts, describeAddresses(addresses.inFamily(6))] : parts);
}

/** Mostly the first one tells. */
function* rulesOf(openings: readonly Opening[]): Generator<InternetRule> {
  for (const { rules } of openings) yield* rules;
  for (const { others } of openings) for (const policy of others) yield* internetRules(policy);
}

function opensV4({ rule, addresses }: InternetRule): boolean {
  if (rule.peers === 'any') return true;
  if (addresses.v4.isEmpty) return false;
  return blocksOf({ rule, addresses }).some((peer) => !publicPart(peer.addresses.inFamily(4)).isEmpty);
}

function blocksOf({ rule }: InternetRule): readonly AddressPeer[] {
  return rule.peers === 'any' ? [] : rule.peers.filter((peer) => peer.kind === 'addresses');
}
