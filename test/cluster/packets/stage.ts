import type { Result } from '../../harness/kubectl.ts';
import { policyPath } from '../../harness/policies.ts';
import type { Cluster } from '../cluster.ts';
import { actorObjects } from './actor-objects.ts';
import { type ActorName, namespacesOf } from './actors.ts';
import { type Cast, gatherCast, type Sender } from './cast.ts';
import { createEnforcement, MARKER_NAMESPACE, markerPod } from './enforcement.ts';
import { buildScenery, removeScenery } from './scenery.ts';
import { targetObjects } from './target-objects.ts';
import { type Outcome, TARGETS, type TargetName } from './targets.ts';

/** Attempt is one sender trying one target. */
export interface Attempt {
  readonly from: Sender;
  readonly target: TargetName;
}

/** Tried is an attempt with what came of it. */
export interface Tried extends Attempt {
  readonly outcome: Outcome;
}

/** Stage holds pods that stay, while policies come and go. */
export interface Stage {
  readonly cluster: Cluster;
  readonly podOf: Cast['podOf'];
  /** The address of the API server's endpoint. */
  readonly apiServer: string;
  /** Tries all at once, under what is enforced at the time. */
  attempt(attempts: readonly Attempt[]): Promise<readonly Tried[]>;
  /** `kubectl apply` of manifests in their order; returns once what was accepted is enforced. */
  apply(manifests: string): Promise<Result>;
  /** Returns once all that was written before is enforced. */
  settle(): Promise<void>;
  /** Removes all policies, and returns once nothing is enforced any more. */
  clear(): Promise<void>;
  /** Takes everything away. */
  strike(): Promise<void>;
}

const SYSTEM = 'kube-system';

/** raiseStage makes namespaces, pods and what they try to reach. */
export async function raiseStage(cluster: Cluster, actors: readonly ActorName[]): Promise<Stage> {
  const { kubectl, api } = cluster;
  const apiServer = new URL(cluster.address.server).hostname;
  const namespaces = [...new Set([...namespacesOf(actors), MARKER_NAMESPACE])].filter((name) => name !== SYSTEM);
  const objects = [...actorObjects(actors, cluster.outside), markerPod, ...targetObjects(apiServer)];
  await buildScenery(cluster, { namespaces, objects });
  const cast = await gatherCast(cluster, actors);
  const settle = createEnforcement(cluster);
  await settle();
  const places = { clusterDns: cluster.clusterDns, outside: cluster.outside, apiServer, addressOf: cast.addressOf };
  const ofCases = [...namespaces, SYSTEM].filter((name) => name !== MARKER_NAMESPACE);
  return {
    cluster,
    apiServer,
    podOf: cast.podOf,
    settle,
    attempt: (attempts) =>
      Promise.all(
        attempts.map(async ({ from, target }) => {
          const outcome = await TARGETS[target](cast.probeOf(from), places);
          return { from, target, outcome };
        }),
      ),
    apply: async (manifests) => {
      const result = await kubectl(['apply', '-f', '-'], { stdin: manifests });
      await settle();
      await forgetLookups(cluster);
      return result;
    },
    clear: async () => {
      await Promise.all(ofCases.map((name) => api.request('DELETE', policyPath(name))));
      await settle();
    },
    strike: async () => {
      await cast.dismiss();
      await removeScenery(cluster, { namespaces, objects });
    },
  };
}

/**
 * Policies decide about new connections; to the kernel datagrams between the same two ports are one that goes on, and a
 * CoreDNS asks the resolver above from the same port for ten seconds (plugin/forward, `expire`).
 */
async function forgetLookups({ inNode }: Cluster): Promise<void> {
  const { stderr } = await inNode(['conntrack', '--delete', '--proto', 'udp', '--orig-port-dst', '53']);
  if (!stderr.includes('flow entries have been deleted')) throw new Error(`conntrack: ${stderr}`);
}
