import type { Dialects } from '../policy/dialects/dialects.ts';
import type { FactKind } from '../policy/model/dialect.ts';
import type { ClusterSnapshot } from '../policy/model/snapshot.ts';
import { allOf } from '../runtime/all-of.ts';
import { NETWORK_POLICIES } from './api/resource.ts';
import { dialectKinds, type FollowedKind } from './caches/dialect-kinds.ts';
import { FreshReads } from './caches/fresh-reads.ts';
import { type LiveNamespace, readNamespace, withLive } from './caches/live-read.ts';
import { PolicyCache } from './caches/policy-cache.ts';
import { OWN_POLICIES, type WatchedPolicies } from './caches/policy-collection.ts';
import { PolicyRereads } from './caches/policy-rereads.ts';
import type { ReflectorSetting } from './discovery/discovery.ts';
import { KindWatch } from './discovery/kind-watch.ts';
import { OTHER_POLICIES } from './discovery/other-policies.ts';
import { Reflector } from './watch/reflector.ts';
import type { CacheState } from './watch/reflector-group.ts';

interface PolicyOptions {
  readonly dialects: Dialects;
  /** What the policies of all namespaces may take together, in bytes. */
  readonly bytes: number | undefined;
}

/** ClusterPolicies follows the policies of a cluster, of every API that it serves, and reads them live before a refusal. */
export class ClusterPolicies {
  readonly cache: PolicyCache;
  readonly reflector: Reflector;
  private readonly setting: ReflectorSetting;
  private readonly kinds: KindWatch<FollowedKind>;
  private readonly rereads: PolicyRereads;
  private readonly live: FreshReads<LiveNamespace>;
  private readonly served: FreshReads<void>;

  /** Starts at once. */
  constructor(setting: ReflectorSetting, { dialects, bytes }: PolicyOptions) {
    const { client, clock, logger } = setting;
    this.setting = setting;
    this.cache = new PolicyCache(logger, bytes);
    this.reflector = new Reflector({ ...setting, resource: NETWORK_POLICIES, handler: this.cache });
    this.kinds = new KindWatch(setting, [...OTHER_POLICIES, ...dialectKinds(dialects.kinds, this.cache, logger)]);
    const collections = () => this.collections();
    this.rereads = new PolicyRereads({ client, cache: this.cache, collections, clock, logger });
    this.live = new FreshReads((name, signal) => this.read(name, signal));
    this.served = new FreshReads((_, signal) => this.kinds.refresh(signal));
  }

  /** snapshot is what the caches have of policies. */
  snapshot(): Omit<ClusterSnapshot, 'namespace' | 'dns' | 'services'> {
    const { cache, kinds } = this;
    return {
      policies: (name) => cache.policies(name),
      namespacesWithPolicies: () => cache.namespaces(),
      unreadablePolicies: (name) => cache.unreadable(name),
      otherPolicies: (name) => kinds.reaching(name),
      facts: (kind) => this.facts(kind),
      room: (name) => cache.room(name),
    };
  }

  /** states tells of each watched collection but NetworkPolicy's. */
  states(): readonly CacheState[] {
    return this.kinds.states();
  }

  /**
   * confirm returns the snapshot with one namespace and its policies as the API server has them now; `asksForKinds` where it
   * matters which policy APIs are served. Throws where the reads fail, or the signal fires first.
   */
  async confirm(
    snapshot: () => ClusterSnapshot,
    name: string,
    asksForKinds: boolean,
    signal: AbortSignal,
  ): Promise<ClusterSnapshot> {
    const [found] = await allOf(signal, (shared) => [
      this.live.get(name, shared),
      asksForKinds ? this.served.get('', shared) : undefined,
    ]);
    return withLive(snapshot(), name, found, this.kinds.reaching(name));
  }

  async stop(): Promise<void> {
    await Promise.all([this.reflector.stop(), this.rereads.stop(), this.kinds.stop()]);
  }

  private collections(): readonly WatchedPolicies[] {
    const others = [...this.kinds.all()].flatMap(({ followed: { collection }, reflector }) =>
      collection === undefined ? [] : [{ ...collection, reflector }],
    );
    return [{ ...OWN_POLICIES, reflector: this.reflector }, ...others];
  }

  private async read(name: string, signal: AbortSignal): Promise<LiveNamespace> {
    const { client, logger } = this.setting;
    try {
      return await readNamespace({ client, cache: this.cache, collections: () => this.collections() }, name, signal);
    } catch (err) {
      if (!signal.aborted) logger.warn({ namespace: name, err }, 'live read of a namespace failed');
      throw err;
    }
  }

  /** Empty where the kind is not served. */
  private facts(kind: FactKind): readonly object[] {
    return [...this.kinds.all()].flatMap(({ followed: { facts } }) => (facts?.kind === kind ? [...facts.all()] : []));
  }
}
