import { dnsFacts } from '../../policy/dns/facts.ts';
import type { DnsServer } from '../../policy/model/dns-server.ts';
import type { Settings } from '../../policy/model/settings.ts';
import type { DnsFacts } from '../../policy/model/snapshot.ts';
import type { NamespaceCache } from './namespace-cache.ts';

/** DnsSources are the inputs of the facts about DNS, besides the namespaces. */
interface DnsSources {
  readonly servers: readonly DnsServer[];
  readonly settings: Settings;
  /** See DnsRecord. */
  readonly mismatch: string | undefined;
}

/** DnsFactsInForce returns the same object while the facts are equal, since compiled values belong to it. */
export class DnsFactsInForce {
  private readonly namespaces: NamespaceCache;
  private readonly onChange: (facts: DnsFacts) => void;
  private known: { readonly dns: DnsFacts; readonly sources: DnsSources; readonly version: number } | undefined;

  /** `onChange` is called whenever the facts are another object, with the first ones too. */
  constructor(namespaces: NamespaceCache, onChange: (facts: DnsFacts) => void) {
    this.namespaces = namespaces;
    this.onChange = onChange;
  }

  /** of returns the facts that follow from these sources, and from the namespaces as they are cached. */
  of(sources: DnsSources): DnsFacts {
    const { known } = this;
    const { version } = this.namespaces;
    const comparable = known !== undefined && haveSame(known.sources, sources) ? known : undefined;
    if (comparable?.version === version) return comparable.dns;
    const found = dnsFacts(sources.settings, sources.servers, this.namespaces, sources.mismatch);
    const dns = comparable !== undefined && areSame(comparable.dns, found) ? comparable.dns : found;
    this.known = { dns, sources, version };
    if (dns !== known?.dns) this.onChange(dns);
    return dns;
  }
}

function haveSame(a: DnsSources, b: DnsSources): boolean {
  return a.servers === b.servers && a.settings === b.settings && a.mismatch === b.mismatch;
}

/** From the same sources, facts differ only by the namespaces that hold DNS servers. */
function areSame(a: DnsFacts, b: DnsFacts): boolean {
  if (a.namespaces.size !== b.namespaces.size) return false;
  for (const [name, facts] of a.namespaces) if (b.namespaces.get(name) !== facts) return false;
  return a.worlds.every((world, i) => world.servers.length === b.worlds[i]?.servers.length);
}
