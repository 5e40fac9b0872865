import { DIALECTS, type Dialects } from '../policy/dialects/dialects.ts';
import { holdsDnsServers } from '../policy/dns/facts.ts';
import type { DnsServer } from '../policy/model/dns-server.ts';
import type { Settings } from '../policy/model/settings.ts';
import type { ClusterSnapshot, DnsFacts, NamespaceFacts } from '../policy/model/snapshot.ts';
import { ChangeNotices } from '../runtime/change-notices.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Client } from './api/client.ts';
import { NAMESPACES } from './api/resource.ts';
import { NamespaceCache } from './caches/namespace-cache.ts';
import { ClusterDns } from './cluster-dns.ts';
import { ClusterPolicies } from './cluster-policies.ts';
import type { ReflectorSetting } from './discovery/discovery.ts';
import type { DnsRecord, RecordPlace } from './discovery/dns-record.ts';
import { Reflector } from './watch/reflector.ts';
import type { CacheState } from './watch/reflector-group.ts';

// This is the only entry point of this module: other modules import from here what they need of an API server.
export { namesCluster } from './access/load-credentials.ts';
export { ApiError } from './api/api-error.ts';
export type { Client } from './api/client.ts';
export type { RequestObserver } from './api/transport.ts';
export { type Candidacy, type LeaderWrites, standForElection } from './candidacy.ts';
export { type Connection, openConnection } from './connection.ts';
export type { DnsRecord, RecordPlace } from './discovery/dns-record.ts';
export { type OwnObjects, ownObjects } from './own-objects.ts';
export type { WatchEnd } from './watch/watch-session.ts';
export { type AppliedPolicy, appliedPolicies } from './writes/applied-policies.ts';
export { deletePolicy, isNamespaceTerminating } from './writes/apply.ts';
export type { NamespaceEvent } from './writes/event-object.ts';
export { EventRecorder } from './writes/events.ts';
export type { OwnSecret } from './writes/own-secret.ts';
export type { ConfigurationName, WebhookCa } from './writes/webhook-ca.ts';

/** ClusterOptions are what it takes to follow a cluster. */
export interface ClusterOptions {
  readonly client: Client;
  /** The settings in force; read again for every snapshot, so that a new configuration needs no restart. */
  readonly settings: () => Settings;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Where the leader writes down what is known of cluster DNS; absent where there is no such place. */
  readonly record?: RecordPlace | undefined;
  /** What the policies of all namespaces may take together, in bytes; ALL_POLICIES by default. */
  readonly policyBytes?: number | undefined;
  /** The policy APIs that are read; DIALECTS by default. */
  readonly dialects?: Dialects | undefined;
  /** Told why each watch ended, for counting. */
  readonly onWatchEnd?: ReflectorSetting['onWatchEnd'] | undefined;
}

/**
 * Cluster is a live cluster as verdicts see it: caches that follow the API server, and live reads for refusals. It
 * starts to watch at once and continues until it is stopped, whatever the API server does.
 */
export interface Cluster {
  /** snapshot returns all facts as the caches have them; it does no input or output. Trust it once all has synced. */
  snapshot(): ClusterSnapshot;
  /** caches tells of each watched collection whether it has synced, and when it last heard of the API server. */
  caches(): readonly CacheState[];
  /** synced ends once every collection has synced; it throws the signal's reason once that fires. */
  synced(signal: AbortSignal): Promise<void>;
  /** discoveredDns returns the DNS servers found, whatever the configuration says of them. */
  discoveredDns(): readonly DnsServer[];
  /** idleDnsServices names the DNS Services that are no resolvers, such as `kube-system/kube-dns`: nothing is or was behind them. */
  idleDnsServices(): readonly string[];
  /** dnsRecord is the stored record of cluster DNS, for the leader to write. */
  readonly dnsRecord: DnsRecord;
  /**
   * confirm reads one namespace and its policies from the API server, as they are now, and asks which policy APIs are
   * served; the snapshot it ends with has those facts, and all others as cached. A namespace that does not exist is an
   * answer. It throws where the reads fail, or the signal fires first.
   */
  confirm(namespace: string, signal: AbortSignal): Promise<ClusterSnapshot>;
  /** namespaces returns all namespaces as the cache has them. */
  namespaces(): Iterable<NamespaceFacts>;
  /** hasSeenPolicy holds once the cache of policies shows what was stored at that resourceVersion. */
  hasSeenPolicy(resourceVersion: string): boolean;
  /** onPoliciesChanged ends when a cached policy of the namespace changes next, or the signal fires. */
  onPoliciesChanged(namespace: string, signal: AbortSignal): Promise<void>;
  /** onNamespaceChanged ends when the cached Namespace or a policy in it changes next, or the signal fires. */
  onNamespaceChanged(namespace: string, signal: AbortSignal): Promise<void>;
  /**
   * onNamespaceEvent calls the listener with the namespace's name whenever the Namespace (its labels, its deletion, its
   * being another one) or a policy in it came, went or changed, once the caches show it, until the function that it
   * returns is called. Listeners must not throw.
   */
  onNamespaceEvent(listener: (namespace: string) => void): () => void;
  stop(): Promise<void>;
}

/** startCluster begins to follow a cluster. */
export function startCluster(options: ClusterOptions): Cluster {
  const { client, settings, clock, logger, record, policyBytes, onWatchEnd, dialects = DIALECTS } = options;
  const setting: ReflectorSetting = { client, clock, logger, onWatchEnd };
  const policies = new ClusterPolicies(setting, { dialects, bytes: policyBytes });
  const namespaces = new NamespaceCache();
  const reflector = new Reflector({ ...setting, resource: NAMESPACES, handler: namespaces });
  const onChange = (facts: DnsFacts) => policies.cache.keepIngressWhere((name) => holdsDnsServers(facts, name));
  const dns = new ClusterDns(setting, { settings, namespaces, place: record, onChange });
  // Before anything is kept, so that it is clear of what the ingress is.
  dns.facts();
  const changes = new ChangeNotices();
  for (const cache of [policies.cache, namespaces]) cache.changes.listen((name) => changes.tell(name));

  const snapshot = (): ClusterSnapshot => ({
    ...policies.snapshot(),
    namespace: (name) => namespaces.get(name),
    dns: dns.facts(),
    services: dns.services(),
  });

  const caches = (): readonly CacheState[] => [
    stateOf('networkpolicies', policies.reflector),
    stateOf('namespaces', reflector),
    ...dns.states(),
    ...policies.states(),
  ];

  return {
    snapshot,
    caches,
    dnsRecord: dns.record,
    discoveredDns: () => dns.servers(),
    idleDnsServices: () => dns.idleServices(),
    synced: async (signal) => {
      while (!caches().every((cache) => cache.synced)) {
        signal.throwIfAborted();
        await clock.sleep(SYNC_POLL_MS, signal);
      }
    },
    confirm: (name, signal) => policies.confirm(snapshot, name, settings().dns.otherPolicies === 'auto', signal),
    namespaces: () => namespaces.values(),
    hasSeenPolicy: (resourceVersion) => policies.reflector.hasSeen(resourceVersion),
    onPoliciesChanged: (name, signal) => policies.cache.changes.next(name, signal),
    onNamespaceChanged: (name, signal) => changes.next(name, signal),
    onNamespaceEvent: (listener) => changes.listen(listener),
    stop: async () => {
      await Promise.all([policies.stop(), reflector.stop(), dns.stop()]);
    },
  };
}

function stateOf(name: string, reflector: Reflector): CacheState {
  return { name, synced: reflector.hasSynced, ageSeconds: reflector.ageSeconds() };
}

/** How often `synced` looks, in milliseconds: what it waits for takes some hundred. */
const SYNC_POLL_MS = 10;
