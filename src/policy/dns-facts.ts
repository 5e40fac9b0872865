import { AddressSet } from '../sets/address-set.ts';
import { PRIVATE } from '../sets/globally-routable.ts';
import { DNS_PRESETS, OFFLINE_PRESETS } from './dns-presets.ts';
import type { DnsServer } from './dns-server.ts';
import type { Settings } from './settings.ts';
import type { DnsFacts, NamespaceFacts } from './snapshot.ts';

/**
 * dnsFacts joins configuration and discovery into who cluster DNS is. `discovered` is undefined where there is no
 * cluster to ask. The configuration's servers count instead of discovered pods. `namespaceOf` tells what is known of
 * the namespaces that hold the servers: call again when one of `namespaces` changes.
 */
export function dnsFacts(
  settings: Settings,
  discovered: readonly DnsServer[] | undefined,
  namespaceOf: (name: string) => NamespaceFacts | undefined,
): DnsFacts {
  const worlds = worldsOf(settings, discovered);
  const servers = worlds.flatMap((world) => world.servers);
  const namespaces = new Map<string, NamespaceFacts>();
  for (const server of servers) {
    if (server.kind !== 'pods' || server.namespace === undefined) continue;
    const facts = namespaceOf(server.namespace);
    if (facts !== undefined) namespaces.set(server.namespace, facts);
  }
  const blockAddresses =
    discovered === undefined
      ? PRIVATE
      : AddressSet.unionAll([...servers, ...discovered].map((server) => server.addresses));
  return { worlds, namespaces, blockAddresses, discovered: discovered !== undefined };
}

function worldsOf(settings: Settings, discovered: readonly DnsServer[] | undefined): DnsFacts['worlds'] {
  if (settings.dns.servers.length > 0) {
    const caches = (discovered ?? []).filter((server) => server.kind === 'addresses');
    return [{ name: 'configured', servers: [...settings.dns.servers, ...caches] }];
  }
  if (discovered !== undefined && discovered.length > 0) return [{ name: 'discovered', servers: discovered }];
  return OFFLINE_PRESETS.map((name) => ({ name, servers: DNS_PRESETS.get(name) ?? [] }));
}
