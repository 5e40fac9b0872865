import { wayTo } from '../policy/dns/way.ts';
import type { DnsServer } from '../policy/model/dns-server.ts';
import type { DnsFacts } from '../policy/model/snapshot.ts';

/** How long the ways to removed servers stay open: until every node has the ways to the new ones. */
const LINGER_MS = 30_000;

/**
 * Every new way is a write in every namespace. The first one is opened at once; those that follow soon wait ever
 * longer, so that flapping servers do not keep the API server busy.
 */
const FIRST_PAUSE_MS = 1000;
const MOST_PAUSE_MS = 60_000;
/** After so long without a new way the next one is a first one. */
const QUIET_MS = 5 * 60_000;

/**
 * Lingering keeps removed DNS servers for half a minute beside the new ones, so that no pod is without DNS while
 * policies change from one to the other. Pure: times are milliseconds since any moment, never set back.
 */
export class Lingering {
  private known: readonly DnsServer[] = [];
  private readonly gone = new Map<string, { readonly server: DnsServer; readonly until: number }>();
  private openedAt = Number.NEGATIVE_INFINITY;
  private pauseMs = 0;
  private made: Made | undefined;

  /** facts returns what policies are written from: the same object until something about it changes. */
  facts(dns: DnsFacts, now: number): DnsFacts {
    const [world, ...others] = dns.worlds;
    // If no resolver is known, nothing is written, and the last known ones still count.
    if (!dns.isKnown || world === undefined) return dns;
    if (world.servers !== this.known && this.mayTake(world.servers, now)) this.take(world.servers, now);
    for (const [key, { until }] of this.gone) if (until <= now) this.gone.delete(key);
    const sources = { source: dns, known: this.known, gone: [...this.gone.keys()].join(' ') };
    if (this.made !== undefined && areSame(sources, this.made)) return this.made.facts;
    const servers = [...this.known, ...[...this.gone.values()].map(({ server }) => server)];
    const isAsFound = this.gone.size === 0 && this.known === world.servers;
    const facts = isAsFound ? dns : { ...dns, worlds: [{ ...world, servers }, ...others] };
    this.made = { ...sources, facts };
    return facts;
  }

  private mayTake(servers: readonly DnsServer[], now: number): boolean {
    if (now - this.openedAt >= this.pauseMs) return true;
    const open = new Set([...this.known.map(wayTo), ...this.gone.keys()]);
    return servers.every((server) => open.has(wayTo(server)));
  }

  private take(servers: readonly DnsServer[], now: number): void {
    const current = new Set(servers.map(wayTo));
    const open = new Set([...this.known.map(wayTo), ...this.gone.keys()]);
    for (const server of this.known) {
      const key = wayTo(server);
      if (!current.has(key) && !this.gone.has(key)) this.gone.set(key, { server, until: now + LINGER_MS });
    }
    for (const key of current) this.gone.delete(key);
    this.known = servers;
    if (open.size > 0 && [...current].some((key) => !open.has(key))) this.opened(now);
  }

  private opened(now: number): void {
    const isFirst = now - this.openedAt >= QUIET_MS;
    this.pauseMs = isFirst ? FIRST_PAUSE_MS : Math.min(MOST_PAUSE_MS, this.pauseMs * 2);
    this.openedAt = now;
  }
}

interface Sources {
  readonly source: DnsFacts;
  readonly known: readonly DnsServer[];
  readonly gone: string;
}

interface Made extends Sources {
  readonly facts: DnsFacts;
}

function areSame(a: Sources, b: Sources): boolean {
  return a.source === b.source && a.known === b.known && a.gone === b.gone;
}
