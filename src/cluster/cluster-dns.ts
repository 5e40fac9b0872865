import type { DnsServer } from '../policy/model/dns-server.ts';
import type { Settings } from '../policy/model/settings.ts';
import type { DnsFacts, ServiceFacts } from '../policy/model/snapshot.ts';
import { DnsFactsInForce } from './caches/dns-facts-in-force.ts';
import type { NamespaceCache } from './caches/namespace-cache.ts';
import { Discovery, type ReflectorSetting } from './discovery/discovery.ts';
import { DiscoveryInForce } from './discovery/discovery-in-force.ts';
import { DnsRecord, followDnsRecord, type RecordPlace } from './discovery/dns-record.ts';
import type { CacheState } from './watch/reflector-group.ts';

interface DnsOptions {
  readonly settings: () => Settings;
  readonly namespaces: NamespaceCache;
  /** Where the leader records what is known; undefined if there is no such place. */
  readonly place: RecordPlace | undefined;
  /** onChange is called whenever the facts change. */
  readonly onChange: (facts: DnsFacts) => void;
}

/** ClusterDns knows cluster DNS from discovery, from the stored record and from the settings. */
export class ClusterDns {
  readonly record: DnsRecord = new DnsRecord();
  private readonly settings: () => Settings;
  private readonly discoveries: DiscoveryInForce;
  private readonly factsInForce: DnsFactsInForce;
  private readonly stopping = new AbortController();
  private readonly following: Promise<void> | undefined;

  /** Starts at once. */
  constructor(setting: ReflectorSetting, { settings, namespaces, place, onChange }: DnsOptions) {
    const { client, clock, logger } = setting;
    const { signal } = this.stopping;
    this.settings = settings;
    this.following = place && followDnsRecord(this.record, { client, clock, logger, ...place }, signal);
    const { memory } = this.record;
    const discover = (watched: readonly string[]) => new Discovery(setting, { namespaces: watched, memory });
    this.discoveries = new DiscoveryInForce(settings().dns.namespaces, discover);
    this.factsInForce = new DnsFactsInForce(namespaces, onChange);
  }

  /** servers returns the DNS servers found, whatever the settings name. */
  servers(): readonly DnsServer[] {
    return this.discovery().servers();
  }

  /** idleServices names the DNS Services behind which nothing is or was. */
  idleServices(): readonly string[] {
    return this.discovery().idleServices();
  }

  /** facts returns the same object while the facts are equal. */
  facts(): DnsFacts {
    const { mismatch } = this.record;
    return this.factsInForce.of({ servers: this.servers(), settings: this.settings(), mismatch });
  }

  /** services returns what is known of Services. */
  services(): ServiceFacts {
    return this.discovery().serviceFacts();
  }

  /** states tells of each watched collection. */
  states(): readonly CacheState[] {
    const isRead = this.following === undefined || this.record.isRead;
    return [...this.discovery().states(), ...(isRead ? [] : [{ name: 'resolvers', synced: false, ageSeconds: 0 }])];
  }

  async stop(): Promise<void> {
    this.stopping.abort(new Error('stopped'));
    await Promise.all([this.following, this.discoveries.stop()]);
  }

  private discovery(): Discovery {
    return this.discoveries.of(this.settings().dns.namespaces);
  }
}
