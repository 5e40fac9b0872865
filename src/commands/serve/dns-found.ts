import type { DnsServer } from '../../policy/model/dns-server.ts';
import type { Settings } from '../../policy/model/settings.ts';

/** dnsFound says which DNS servers discovery has found, or what to do where there is none. */
export function dnsFound(servers: readonly DnsServer[], { dns }: Settings): string {
  if (servers.length === 0) {
    const where = dns.namespaces.length === 0 ? '' : ` in ${dns.namespaces.join(', ')}`;
    return `no cluster DNS was found${where}; name its namespace in dns.namespaces, or say in dns.servers who it is`;
  }
  return `cluster DNS: ${servers.map(({ name }) => name).join(', ')}`;
}
