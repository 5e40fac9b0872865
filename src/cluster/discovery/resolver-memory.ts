import { asObject } from '../../objects/fields.ts';
import { InvalidObject } from '../../objects/invalid-object.ts';
import { LabelSelector } from '../../sets/label-selector.ts';
import { type DnsEndpoints, readDnsEndpoints } from './dns-endpoints.ts';

/** More than any cluster has: the entry that has been gone longest is forgotten first. */
const MOST_ENTRIES = 50;

interface Entry {
  readonly endpoints: DnsEndpoints;
  readonly text: string;
  /** When its absence was first seen, in milliseconds since any moment. */
  goneAt: number | undefined;
}

/**
 * ResolverMemory remembers what was behind DNS Services and caches last, so that no replica forgets cluster DNS during
 * a crash or a rollout of all their pods. Pure: times are milliseconds since any moment, never set back.
 */
export class ResolverMemory {
  private readonly entries = new Map<string, Entry>();
  private changes = 0;

  /** version changes whenever the memory changes. */
  get version(): number {
    return this.changes;
  }

  /**
   * recall returns what is behind a Service: `live`, which it then remembers, or else what it remembers. That counts
   * until `keepMs` after everything was gone. undefined if nothing was ever there. If servers are known by address,
   * pods without an address do not count.
   */
  recall(
    key: string,
    live: DnsEndpoints | undefined,
    now: number,
    keepMs: number = Number.POSITIVE_INFINITY,
  ): DnsEndpoints | undefined {
    const known = this.entries.get(key);
    const stands = live !== undefined && (known === undefined || !live.byAddress || live.addresses.length > 0);
    if (stands) return this.remember(key, known === undefined ? live : withPods(live, known.endpoints));
    if (known === undefined) return undefined;
    known.goneAt ??= now;
    if (now < known.goneAt + keepMs) return known.endpoints;
    this.entries.delete(key);
    this.changes += 1;
    return undefined;
  }

  /** text is what it remembers, for `restore`. */
  text(): string {
    const sorted = [...this.entries].sort(([a], [b]) => (a < b ? -1 : 1));
    return JSON.stringify(Object.fromEntries(sorted.map(([key, { endpoints }]) => [key, endpoints])));
  }

  /** restore takes over what it does not know itself, and returns the problems of the rest. */
  restore(text: string): readonly string[] {
    return attempt(() => {
      const entries = Object.entries(asObject(JSON.parse(text), 'resolvers'));
      return entries.flatMap(([key, value]) => attempt(() => this.learn(key, value)));
    });
  }

  private learn(key: string, value: unknown): readonly string[] {
    if (!this.entries.has(key)) this.remember(key, readDnsEndpoints(value, `resolvers[${JSON.stringify(key)}]`));
    return [];
  }

  private remember(key: string, endpoints: DnsEndpoints): DnsEndpoints {
    const known = this.entries.get(key);
    const text = JSON.stringify(endpoints);
    this.entries.delete(key);
    this.entries.set(key, { endpoints, text, goneAt: undefined });
    if (known?.text !== text) this.changes += 1;
    for (const oldest of this.entries.keys()) {
      if (this.entries.size <= MOST_ENTRIES) break;
      this.entries.delete(oldest);
    }
    return endpoints;
  }
}

/** Endpoints outlive their pods for a moment: what they reported is still valid then. */
function withPods(live: DnsEndpoints, known: DnsEndpoints): DnsEndpoints {
  if (live.byAddress || live.podLabels.length > 0 || !selectSame(live, known)) return live;
  return { ...live, byAddress: known.byAddress, podLabels: known.podLabels };
}

function selectSame(a: DnsEndpoints, b: DnsEndpoints): boolean {
  const [one, other] = [a, b].map(({ selector }) => LabelSelector.of(new Map(Object.entries(selector))).key);
  return one === other;
}

/** Someone may have edited the record. */
function attempt(work: () => readonly string[]): readonly string[] {
  try {
    return work();
  } catch (error) {
    if (error instanceof InvalidObject || error instanceof SyntaxError) return [error.message];
    throw error;
  }
}
