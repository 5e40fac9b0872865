import type { DnsServer } from '../policy/dns/server.ts';
import type { DnsFacts } from '../policy/snapshot.ts';

/** How long the ways to servers that are gone stay open: until every node has the ways to the new ones. */
const LINGER_MS = 30_000;

/**
 * Lingering keeps DNS servers that are gone for half a minute beside the new ones, so that no pod is without DNS while
 * policies change from one to the other. Pure: times are milliseconds since any moment, never set back.
 */
export class Lingering {
  private known: readonly DnsServer[] = [];
  private readonly gone = new Map<string, { readonly server: DnsServer; readonly until: number }>();
  private made: { readonly source: DnsFacts; readonly gone: string; readonly facts: DnsFacts } | undefined;

  /** facts returns what policies are written from: the same object until something about it changes. */
  facts(dns: DnsFacts, now: number): DnsFacts {
    const [world, ...others] = dns.worlds;
    // Where no resolver is known nothing is written, and the last ones known count as they did.
    if (!dns.isKnown || world === undefined) return dns;
    if (dns !== this.made?.source) this.compare(world.servers, now);
    for (const [key, { until }] of this.gone) if (until <= now) this.gone.delete(key);
    const gone = [...this.gone.keys()].join(' ');
    if (dns === this.made?.source && gone === this.made.gone) return this.made.facts;
    const servers = [...world.servers, ...[...this.gone.values()].map(({ server }) => server)];
    const facts = this.gone.size === 0 ? dns : { ...dns, worlds: [{ ...world, servers }, ...others] };
    this.made = { source: dns, gone, facts };
    return facts;
  }

  private compare(servers: readonly DnsServer[], now: number): void {
    const current = new Set(servers.map(keyOf));
    for (const server of this.known) {
      const key = keyOf(server);
      if (!current.has(key) && !this.gone.has(key)) this.gone.set(key, { server, until: now + LINGER_MS });
    }
    for (const key of current) this.gone.delete(key);
    this.known = servers;
  }
}

/** What policies name of a server: another key is another way. */
function keyOf(server: DnsServer): string {
  const { udp, tcp } = server.ports;
  const ports = [udp, tcp].map((numbers) => [...new Set(numbers)].sort((a, b) => a - b));
  if (server.kind === 'addresses') return JSON.stringify([server.blocks, ports]);
  const { namespace, namespaces, pods } = server;
  return JSON.stringify([namespace ?? namespaces.key, pods.key, ports]);
}
