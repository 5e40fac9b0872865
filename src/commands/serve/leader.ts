import { hostname } from 'node:os';
import {
  type Candidacy,
  type Client,
  type Cluster,
  EventRecorder,
  type LeaderWrites,
  type RecordPlace,
  standForElection,
} from '../../cluster/cluster.ts';
import { createController } from '../../controller/controller.ts';
import type { BaselineObserver } from '../../controller/observer.ts';
import { checkResolvers } from '../../controller/resolver-check.ts';
import type { Settings } from '../../policy/model/settings.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/logger.ts';

/** LeadingParts are the inputs of the work that only one of all replicas does. */
export interface LeadingParts {
  readonly client: Client;
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly settings: () => Settings;
  /** The namespace that this runs in, and what the Lease and the ConfigMap are called. */
  readonly release: RecordPlace;
  /** The nameservers of this pod; empty if they are not the cluster's. */
  readonly nameservers: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly observer: BaselineObserver;
  readonly log: Logger;
}

/** Leading is a candidacy, and while it is won the work that comes with it. */
export interface Leading {
  /**
   * warn records a Warning Event in netpol-guard's own namespace, with a word for machines and a sentence. Only a
   * leader does.
   */
  warn(reason: string, message: string): void;
  /** stop ends the work, and gives the Lease to the others. */
  stop(): Promise<void>;
}

/** The key of the ConfigMap that holds since when new namespaces get a baseline. */
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
  let candidacy: Candidacy | undefined;
  const standing = stand().catch((err: unknown) => {
    if (!stopping.signal.aborted) log.error({ err }, 'internal error: leader election stopped');
  });

  async function stand(): Promise<void> {
    await cluster.synced(stopping.signal);
    candidacy = standForElection({ client, namespace, name, identity, clock, logger: log, lead });
  }

  async function lead(writes: LeaderWrites, signal: AbortSignal): Promise<void> {
    const controller = createController({
      ...parts,
      logger: log,
      writes,
      readBaselineSince: (proposed, over) => writes.readOrInitialise(BASELINE_SINCE, proposed, over),
      record: (event) => events.record(event),
      observer,
    });
    const check = { ...parts, writes, warn, logger: log };
    await Promise.all([controller.run(signal), checkResolvers(check, signal)]);
  }

  function warn(reason: string, message: string): void {
    if (candidacy?.isLeader === true) events.record({ namespace, type: 'Warning', reason, message });
  }

  return {
    warn,
    stop: async () => {
      stopping.abort(new Error('stopped'));
      await standing;
      await candidacy?.stop();
      await events.stop();
    },
  };
}
