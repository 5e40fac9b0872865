import { hostname } from 'node:os';
import type { Client } from '../../cluster/api/client.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import type { RecordPlace } from '../../cluster/discovery/dns-record.ts';
import { LeaderElector } from '../../cluster/election/leader-elector.ts';
import { applyPolicy, deletePolicy, patchNamespaceLabels } from '../../cluster/writes/apply.ts';
import { readOrInitialise } from '../../cluster/writes/config-map.ts';
import { EventRecorder } from '../../cluster/writes/events.ts';
import { createController } from '../../controller/controller.ts';
import type { BaselineObserver } from '../../controller/observer.ts';
import { checkResolvers } from '../../controller/resolver-check.ts';
import type { Settings } from '../../policy/model/settings.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/logger.ts';

/** LeadingParts are what the part of netpol-guard is put together from that only one of all replicas plays. */
export interface LeadingParts {
  readonly client: Client;
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly settings: () => Settings;
  /** The namespace that this runs in, and what the Lease and the ConfigMap are called. */
  readonly release: RecordPlace;
  /** Those that this pod was given; empty where they are not the cluster's. */
  readonly nameservers: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly observer: BaselineObserver;
  readonly log: Logger;
}

/** Leading is a candidacy, and while it is won the work that comes with it. */
export interface Leading {
  /** warn records a Warning Event in the own namespace, by a word for machines and a sentence. A leader alone does. */
  warn(reason: string, message: string): void;
  /** stop ends the work, and gives the Lease to the others. */
  stop(): Promise<void>;
}

/** Where the ConfigMap says since when new namespaces have been given a baseline. */
const BASELINE_SINCE = 'baselineSince';

/**
 * startLeading stands for election once the caches have synced, and gives namespaces their baselines while it leads. The
 * Lease and the ConfigMap are named after the release.
 */
export function startLeading(parts: LeadingParts): Leading {
  const { client, cluster, clock, release, env, observer, log } = parts;
  const { namespace, name } = release;
  const identity = env['POD_NAME'] || hostname();
  const stopping = new AbortController();
  const events = new EventRecorder({ client, clock, logger: log, component: 'netpol-guard', instance: identity });
  let leader: LeaderElector | undefined;
  const standing = stand().catch((err: unknown) => {
    if (!stopping.signal.aborted) log.error({ err }, 'a bug: nobody stands for election here');
  });

  async function stand(): Promise<LeaderElector> {
    await cluster.synced(stopping.signal);
    const elector: LeaderElector = new LeaderElector({
      client,
      namespace,
      name,
      identity,
      clock,
      logger: log,
      lead: async (signal) => {
        await Promise.all([controller.run(signal), checkResolvers(check, signal)]);
      },
    });
    const guarded = client.guardedBy(() => elector.assertCertain());
    const controller = createController({
      ...parts,
      logger: log,
      writes: {
        applyPolicy: (policy, signal) => applyPolicy(guarded, policy, signal),
        deletePolicy: (where, name, signal) => deletePolicy(guarded, where, name, signal),
        patchNamespaceLabels: (name, patch, signal) => patchNamespaceLabels(guarded, name, patch, signal),
      },
      readBaselineSince: (proposed, signal) =>
        readOrInitialise(guarded, { namespace, name, key: BASELINE_SINCE }, proposed, signal),
      record: (event) => events.record(event),
      observer,
    });
    const check = { ...parts, client: guarded, place: release, warn, logger: log };
    leader = elector;
    return elector;
  }

  function warn(reason: string, message: string): void {
    if (leader?.isLeader === true) events.record({ namespace, type: 'Warning', reason, message });
  }

  return {
    warn,
    stop: async () => {
      stopping.abort(new Error('stopped'));
      const elector = await standing;
      await elector?.stop();
      await events.stop();
    },
  };
}
