import { MANAGED_PREFIX } from '../policy/model/labels.ts';
import type { Policy } from '../policy/model/policy.ts';
import type { Settings } from '../policy/model/settings.ts';
import type { ClusterSnapshot, DnsFacts, NamespaceFacts } from '../policy/model/snapshot.ts';
import type { DesiredPolicy } from '../policy/templates/desired.ts';
import type { Input, StoredPolicy } from './decide.ts';
import type { NamespaceRecord } from './memory.ts';

/** GatherSources is where the facts about a namespace come from. */
export interface GatherSources {
  readonly snapshot: ClusterSnapshot;
  readonly settings: Settings;
  /** What policies are written from. */
  readonly dns: DnsFacts;
  readonly baselineSince: number | undefined;
  /** The policies that give pods their DNS back; undefined while they are not known. */
  readonly repairs: readonly DesiredPolicy[] | undefined;
  readonly hasSeenPolicy: (resourceVersion: string) => boolean;
  /** Milliseconds since any moment. */
  readonly elapsed: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** A cache does not lag for longer: then versions have started again because etcd was restored from a backup. */
const MOST_LAG_MS = 30_000;

/** gather collects what a decision about the namespace depends on. It does not call the API server. */
export function gather(namespace: NamespaceFacts, record: NamespaceRecord, sources: GatherSources): Input {
  const { snapshot, settings, dns, baselineSince, elapsed } = sources;
  const standing = standingIn(namespace.name, record, sources);
  for (const name of record.foreign) if (!standing.has(name)) record.foreign.delete(name);
  return {
    namespace,
    standing,
    answers: record.answers,
    foreign: record.foreign,
    isPatched: record.patched === namespace,
    settings,
    facts: { dns, services: snapshot.services },
    repairs: repairsIn(standing, sources),
    baselineSince,
    now: elapsed,
  };
}

/** standingOf reads a policy under one of our names. */
export function standingOf({ managed, egress, ingress }: Policy): StoredPolicy {
  return {
    text: managed?.text ?? '',
    labelled: managed?.labelled ?? false,
    denies: egress.length === 0 && ingress.length === 0,
  };
}

/** What was applied is stored, though the cache may not show it yet. */
function standingIn(
  namespace: string,
  { answers }: NamespaceRecord,
  sources: GatherSources,
): ReadonlyMap<string, StoredPolicy> {
  const { snapshot, hasSeenPolicy, elapsed } = sources;
  const standing = new Map<string, StoredPolicy>();
  for (const policy of snapshot.policies(namespace).all()) {
    const { name } = policy.ref;
    if (name?.startsWith(MANAGED_PREFIX)) standing.set(name, standingOf(policy));
  }
  for (const [name, { resourceVersion, stored, at }] of answers) {
    if (elapsed - at < MOST_LAG_MS && !hasSeenPolicy(resourceVersion)) standing.set(name, stored);
  }
  return standing;
}

/** Existing repairs stay as long as they are needed, even if the configuration no longer asks for new ones. */
function repairsIn(
  standing: ReadonlyMap<string, StoredPolicy>,
  { settings: { dnsBlocked }, repairs }: GatherSources,
): readonly DesiredPolicy[] | undefined {
  if (dnsBlocked.onWrite === 'repair' || dnsBlocked.onDelete === 'repair') return repairs;
  return repairs?.filter(({ name }) => standing.has(name));
}
