import { AddressSet } from '../../sets/address-set.ts';
import { parseAddress } from '../../sets/cidr.ts';
import type { DnsServer } from '../model/dns-server.ts';
import { presetHolding } from './presets.ts';

/**
 * foreignNameserver returns the nameserver that pods ask first, where it is none of the DNS servers found: a carve-out
 * for these would cut pods off from the one that they ask. undefined where it is one of them, or there is no telling.
 */
export function foreignNameserver(nameservers: readonly string[], servers: readonly DnsServer[]): string | undefined {
  const [first = ''] = nameservers;
  const address = parseAddress(first);
  const known = AddressSet.unionAll(servers.map(({ addresses }) => addresses));
  if (address === undefined || known.isEmpty) return undefined;
  return address.isSubset(known) ? undefined : first;
}

/** settingFor returns what to write into the configuration where pods ask this nameserver: a preset, or else its address. */
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
