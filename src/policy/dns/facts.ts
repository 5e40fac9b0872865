import { AddressSet } from '../../sets/address-set.ts';
import { parseAddress } from '../../sets/cidr.ts';
import { PRIVATE } from '../../sets/globally-routable.ts';
import type { DnsPods, DnsServer } from '../model/dns-server.ts';
import { NAMESPACE_NAME } from '../model/labels.ts';
import type { Settings } from '../model/settings.ts';
import type { DnsFacts, NamespaceFacts } from '../model/snapshot.ts';
import { CACHE_IN_PODS, DNS_PRESETS, OFFLINE_PRESETS } from './presets.ts';

/** KnownNamespaces are the namespaces that are known, by name. */
export interface KnownNamespaces {
  get(name: string): NamespaceFacts | undefined;
  values(): Iterable<NamespaceFacts>;
}

/**
 * dnsFacts combines configuration and discovery into the facts about cluster DNS. `discovered` is undefined without a
 * cluster to ask. Configured servers replace discovered pods. Call it again when a namespace appears, disappears or
 * changes its labels. `mismatch` is the nameserver of the pods if discovery found only others: a policy that names it
 * may be right. Configured servers count even then.
 */
export function dnsFacts(
  settings: Settings,
  discovered: readonly DnsServer[] | undefined,
  known: KnownNamespaces,
  mismatch?: string,
): DnsFacts {
  const worlds = worldsOf(settings, discovered, known).map((world) => ({
    ...world,
    servers: world.servers.flatMap((server) => inNamespaces(server, known)),
  }));
  const servers = worlds.flatMap((world) => world.servers);
  const namespaces = factsOf([...servers, ...worlds.flatMap(({ perhaps = [] }) => perhaps)], known);
  const isKnown = discovered === undefined || settings.dns.servers.length > 0 || discovered.length > 0;
  const isDoubtful = mismatch !== undefined && settings.dns.servers.length === 0;
  const asked = isDoubtful ? (parseAddress(mismatch) ?? AddressSet.empty) : AddressSet.empty;
  const blockAddresses =
    discovered === undefined || !isKnown
      ? PRIVATE
      : AddressSet.unionAll([asked, ...[...servers, ...discovered].map((server) => server.addresses)]);
  const facts = { worlds, namespaces, blockAddresses, discovered: discovered !== undefined, isKnown };
  return isDoubtful ? { ...facts, mismatch } : facts;
}

function factsOf(servers: readonly DnsServer[], known: KnownNamespaces): ReadonlyMap<string, NamespaceFacts> {
  const names = servers.flatMap((server) => (server.kind === 'pods' ? (server.namespace ?? []) : []));
  return new Map(
    names.flatMap((name) => {
      const facts = known.get(name);
      return facts === undefined ? [] : [[name, facts] as const];
    }),
  );
}

/** holdsDnsServers holds if DNS servers run or may run in the namespace. */
export function holdsDnsServers({ worlds }: DnsFacts, namespace: string): boolean {
  return worlds.some(({ servers }) => servers.some((server) => server.kind === 'pods' && livesIn(server, namespace)));
}

/** livesIn holds where the pods of a server are in the namespace, as far as its name says. */
export function livesIn(server: DnsPods, namespace: string): boolean {
  return server.namespace === undefined
    ? server.namespaces.matches(new Map([[NAMESPACE_NAME, namespace]]))
    : server.namespace === namespace;
}

/** A server that is configured by namespace labels becomes one server in each namespace with these labels. */
function inNamespaces(server: DnsServer, known: KnownNamespaces): readonly DnsServer[] {
  if (server.kind !== 'pods' || server.namespace !== undefined) return [server];
  const found = [...known.values()].filter(({ labels }) => server.namespaces.matches(labels));
  return found.length === 0 ? [server] : found.map(({ name }) => ({ ...server, namespace: name }));
}

function worldsOf(
  settings: Settings,
  discovered: readonly DnsServer[] | undefined,
  known: KnownNamespaces,
): DnsFacts['worlds'] {
  if (settings.dns.servers.length > 0) {
    const caches = (discovered ?? []).filter((server) => server.kind === 'addresses' || server.isCache === true);
    const servers = [...settings.dns.servers, ...caches];
    return [{ name: 'configured', servers, perhaps: discovered === undefined ? [CACHE_IN_PODS] : undefined }];
  }
  if (discovered !== undefined && discovered.length > 0) return [{ name: 'discovered', servers: discovered }];
  // Files have one author. In a cluster, whoever creates a namespace of that name would choose the world.
  const isOpenShift = discovered === undefined && known.get('openshift-dns') !== undefined;
  const presets = isOpenShift ? ['openshift'] : OFFLINE_PRESETS;
  return presets.map((name) => {
    const servers = DNS_PRESETS.get(name) ?? [];
    if (discovered !== undefined) return { name, servers };
    return { name, servers, perhaps: name === 'kube-dns' ? [CACHE_IN_PODS] : undefined };
  });
}
