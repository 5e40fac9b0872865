import { asObject } from '../../objects/fields.ts';
import { InvalidObject } from '../../objects/invalid-object.ts';
import { LabelSelector } from '../../sets/label-selector.ts';
import { type DnsEndpoints, readDnsEndpoints } from './dns-endpoints.ts';

/** More than any cluster has: what is gone longest is forgotten first. */
const MOST_ENTRIES = 50;

interface Entry {
  readonly endpoints: DnsEndpoints;
  readonly text: string;
  /** When it was first seen that nothing is there any more, in milliseconds since any moment. */
  goneAt: number | undefined;
}

/**
 * ResolverMemory remembers what stood behind DNS Services and caches last, so that a crash or a rollout of all their pods
 * makes no replica forget who cluster DNS is. Pure: times are milliseconds since any moment, never set back.
 */
export class ResolverMemory {
  private readonly entries = new Map<string, Entry>();
  private changes = 0;

  /** version is another number whenever something else is remembered. */
  get version(): number {
    return this.changes;
  }

  /**
   * recall returns what is behind a Service: `live`, which it then remembers, or else what it remembers. That counts
   * until `keepMs` after everything was gone. undefined where nothing ever stood there. Where servers are known by
   * address, pods that have none yet stand for nothing.
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

  /** restore takes over what it does not know itself, and returns what is wrong with the rest. */
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

/** Endpoints outlive their pods for a moment: what they said of themselves still holds then. */
function withPods(live: DnsEndpoints, known: DnsEndpoints): DnsEndpoints {
  if (live.byAddress || live.podLabels.length > 0 || !selectSame(live, known)) return live;
  return { ...live, byAddress: known.byAddress, podLabels: known.podLabels };
}

function selectSame(a: DnsEndpoints, b: DnsEndpoints): boolean {
  const [one, other] = [a, b].map(({ selector }) => LabelSelector.of(new Map(Object.entries(selector))).key);
  return one === other;
}

/** Somebody may have edited what was written. */
function attempt(work: () => readonly string[]): readonly string[] {
  try {
    return work();
  } catch (error) {
    if (error instanceof InvalidObject || error instanceof SyntaxError) return [error.message];
    throw error;
  }
}
