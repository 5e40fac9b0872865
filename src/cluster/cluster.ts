import { DIALECTS, type Dialects } from '../policy/dialects/dialects.ts';
import { holdsDnsServers } from '../policy/dns/facts.ts';
import type { FactKind } from '../policy/model/dialect.ts';
import type { DnsServer } from '../policy/model/dns-server.ts';
import type { Settings } from '../policy/model/settings.ts';
import type { ClusterSnapshot, NamespaceFacts } from '../policy/model/snapshot.ts';
import { allOf } from '../runtime/all-of.ts';
import { ChangeNotices } from '../runtime/change-notices.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Client } from './api/client.ts';
import { NAMESPACES, NETWORK_POLICIES } from './api/resource.ts';
import { dialectKinds, type FollowedKind } from './caches/dialect-kinds.ts';
import { DnsFactsInForce } from './caches/dns-facts-in-force.ts';
import { FreshReads } from './caches/fresh-reads.ts';
import { type LiveNamespace, readNamespace, withLive } from './caches/live-read.ts';
import { NamespaceCache } from './caches/namespace-cache.ts';
import { PolicyCache } from './caches/policy-cache.ts';
import { OWN_POLICIES } from './caches/policy-collection.ts';
import { PolicyRereads } from './caches/policy-rereads.ts';
import { Discovery, type ReflectorSetting } from './discovery/discovery.ts';
import { DiscoveryInForce } from './discovery/discovery-in-force.ts';
import { DnsRecord, followDnsRecord, type RecordPlace } from './discovery/dns-record.ts';
import { KindWatch, type WantedKind } from './discovery/kind-watch.ts';
import { OTHER_POLICIES } from './discovery/other-policies.ts';
import { Reflector } from './watch/reflector.ts';
import type { CacheState } from './watch/reflector-group.ts';

// This is the one door of the room: other rooms take from here what they need of an API server.
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
  /** The settings in force; asked anew for every snapshot, so that a new configuration needs no restart. */
  readonly settings: () => Settings;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Where the leader writes down what is known of cluster DNS; absent where there is no such place. */
  readonly record?: RecordPlace | undefined;
  /** What the policies of all namespaces may take together, in bytes; ALL_POLICIES where not given. */
  readonly policyBytes?: number | undefined;
  /** The policy APIs that are read; DIALECTS where not given. */
  readonly dialects?: Dialects | undefined;
  /** Told why each watch ended, for counting. */
  readonly onWatchEnd?: ReflectorSetting['onWatchEnd'] | undefined;
}

/**
 * Cluster is a live cluster as verdicts see it: caches that follow the API server, and live reads where a refusal
 * should rest on more. It starts to watch at once and goes on until it is stopped, whatever the API server does.
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
  /** dnsRecord is what is written down of cluster DNS, for the leader to write. */
  readonly dnsRecord: DnsRecord;
  /**
   * confirm reads one namespace and its policies from the API server, as they are now, and asks which policy APIs are
   * served; the snapshot it ends with has those facts, and all others as cached. A namespace that does not exist is an
   * answer. It throws where the reads fail, or the signal fires first.
   */
  confirm(namespace: string, signal: AbortSignal): Promise<ClusterSnapshot>;
  /** namespaces returns all namespaces as the cache has them. */
  namespaces(): Iterable<NamespaceFacts>;
  /** hasSeenPolicy holds once the cache of policies shows what was stored at that resourceVersion of one. */
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
  const policies = new PolicyCache(logger, policyBytes);
  const namespaces = new NamespaceCache();
  const policyReflector = new Reflector({ ...setting, resource: NETWORK_POLICIES, handler: policies });
  const namespaceReflector = new Reflector({ ...setting, resource: NAMESPACES, handler: namespaces });
  const kinds: readonly WantedKind<FollowedKind>[] = [
    ...OTHER_POLICIES,
    ...dialectKinds(dialects.kinds, policies, logger),
  ];
  const others = new KindWatch(setting, kinds);
  const collections = () => [
    { ...OWN_POLICIES, reflector: policyReflector },
    ...[...others.all()].flatMap(({ followed: { collection }, reflector }) =>
      collection === undefined ? [] : [{ ...collection, reflector }],
    ),
  ];
  const rereads = new PolicyRereads({ client, cache: policies, collections, clock, logger });
  const dnsRecord = new DnsRecord();
  const stopping = new AbortController();
  const following = record && followDnsRecord(dnsRecord, { client, clock, logger, ...record }, stopping.signal);
  const discover = (namespaces: readonly string[]) => new Discovery(setting, { namespaces, memory: dnsRecord.memory });
  const discoveries = new DiscoveryInForce(settings().dns.namespaces, discover);
  const discovery = () => discoveries.of(settings().dns.namespaces);
  const changes = new ChangeNotices();
  policies.changes.listen((name) => changes.tell(name));
  namespaces.changes.listen((name) => changes.tell(name));
  const factsInForce = new DnsFactsInForce(namespaces, (facts) =>
    policies.keepIngressWhere((name) => holdsDnsServers(facts, name)),
  );
  const dns = () => {
    const { mismatch } = dnsRecord;
    return factsInForce.of({ servers: discovery().servers(), settings: settings(), mismatch });
  };
  // Before anything is kept, so that it is clear of what the ingress is.
  dns();

  const sources = { client, cache: policies, collections };
  const live = new FreshReads<LiveNamespace>(async (name, signal) => {
    try {
      return await readNamespace(sources, name, signal);
    } catch (err) {
      if (!signal.aborted) logger.warn({ namespace: name, err }, 'live read of a namespace failed');
      throw err;
    }
  });
  const served = new FreshReads<void>((_, signal) => others.refresh(signal));

  function snapshot(): ClusterSnapshot {
    return {
      namespace: (name) => namespaces.get(name),
      policies: (name) => policies.policies(name),
      namespacesWithPolicies: () => policies.namespaces(),
      dns: dns(),
      services: discovery().serviceFacts(),
      unreadablePolicies: (name) => policies.unreadable(name),
      otherPolicies: (name) => others.reaching(name),
      facts: (kind) => factsOf(others, kind),
      room: (name) => policies.room(name),
    };
  }

  function caches(): readonly CacheState[] {
    return [
      { name: 'networkpolicies', synced: policyReflector.hasSynced, ageSeconds: policyReflector.ageSeconds() },
      { name: 'namespaces', synced: namespaceReflector.hasSynced, ageSeconds: namespaceReflector.ageSeconds() },
      ...discovery().states(),
      ...others.states(),
      ...(record === undefined || dnsRecord.isRead ? [] : [{ name: 'resolvers', synced: false, ageSeconds: 0 }]),
    ];
  }

  return {
    snapshot,
    caches,
    dnsRecord,
    discoveredDns: () => discovery().servers(),
    synced: async (signal) => {
      while (!caches().every((cache) => cache.synced)) {
        signal.throwIfAborted();
        await clock.sleep(SYNC_POLL_MS, signal);
      }
    },
    confirm: async (name, signal) => {
      const asks = settings().dns.otherPolicies === 'auto';
      const [found] = await allOf(signal, (shared) => [
        live.get(name, shared),
        asks ? served.get('', shared) : undefined,
      ]);
      return withLive(snapshot(), name, found, others.reaching(name));
    },
    namespaces: () => namespaces.values(),
    hasSeenPolicy: (resourceVersion) => policyReflector.hasSeen(resourceVersion),
    onPoliciesChanged: (name, signal) => policies.changes.next(name, signal),
    onNamespaceChanged: (name, signal) => changes.next(name, signal),
    onNamespaceEvent: (listener) => changes.listen(listener),
    stop: async () => {
      stopping.abort(new Error('stopped'));
      const parts = [policyReflector, namespaceReflector, rereads, discoveries, others];
      await Promise.all([following, ...parts.map((part) => part.stop())]);
    },
  };
}

/** Empty where the kind is not served. */
function factsOf(kinds: KindWatch<FollowedKind>, kind: FactKind): readonly object[] {
  return [...kinds.all()].flatMap(({ followed: { facts } }) => (facts?.kind === kind ? [...facts.all()] : []));
}

/** How often `synced` looks, in milliseconds: what it waits for takes some hundred. */
const SYNC_POLL_MS = 10;
