import { AddressSet } from '../../sets/address-set.ts';
import { parseAddress } from '../../sets/cidr.ts';
import type { DnsServer } from '../model/dns-server.ts';
import { presetHolding } from './presets.ts';

/**
 * foreignNameserver returns the nameserver that pods ask first if it is not among the DNS servers found: a carve-out
 * for those would cut pods off from the one that they use. undefined if it is one of them, or unknown.
 */
export function foreignNameserver(nameservers: readonly string[], servers: readonly DnsServer[]): string | undefined {
  const [first = ''] = nameservers;
  const address = parseAddress(first);
  const known = AddressSet.unionAll(servers.map(({ addresses }) => addresses));
  if (address === undefined || known.isEmpty) return undefined;
  return address.isSubset(known) ? undefined : first;
}

/** settingFor returns the configuration for pods that use this nameserver: a preset, or else its address. */
export function settingFor(nameserver: string): string {
  const preset = presetHolding(parseAddress(nameserver) ?? AddressSet.empty)?.preset;
  if (preset !== undefined) return `dns.presets: [${preset}]`;
  return `dns.servers: [{ipBlocks: ["${nameserver}/${nameserver.includes(':') ? 128 : 32}"], ports: [53]}]`;
}

/** nameserversIn reads a resolv.conf as resolvers do: addresses in order, without their zone. */
export function nameserversIn(text: string): readonly string[] {
  return text.split('\n').flatMap((line) => {
    const [keyword, address = ''] = line.trim().split(/\s+/);
    return keyword === 'nameserver' && address !== '' ? address.replace(/%.*$/, '') : [];
  });
}
