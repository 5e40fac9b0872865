import type { Kubectl, Result } from '../../e2e/harness/kubectl.ts';
import { until } from '../../e2e/harness/until.ts';
import type { Cluster } from '../cluster.ts';
import type { Manifest } from '../product/manifest.ts';
import { actorObjects } from './actor-objects.ts';
import { type ActorName, namespacesOf } from './actors.ts';
import { type Cast, gatherCast, type Sender } from './cast.ts';
import { createEnforcement, MARKER_NAMESPACE, markerPod } from './enforcement.ts';
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

/** raiseStage makes namespaces without a baseline, since the cases bring their own policies, and gathers the cast. */
export async function raiseStage(cluster: Cluster, actors: readonly ActorName[]): Promise<Stage> {
  const { kubectl, api } = cluster;
  const apiServer = new URL(cluster.address.server).hostname;
  const own = [...new Set([...namespacesOf(actors), MARKER_NAMESPACE])].filter((name) => name !== SYSTEM);
  const targets = targetObjects(apiServer);
  const objects = [...actorObjects(actors, cluster.outside), markerPod, ...targets];
  for (const name of own) await makeNamespace(cluster, name);
  const cast = await gatherCast(cluster, actors, objects);
  const settle = createEnforcement(cluster);
  await settle();
  const places = { clusterDns: cluster.clusterDns, outside: cluster.outside, apiServer, addressOf: cast.addressOf };
  const policyNamespaces = [...own, SYSTEM].filter((name) => name !== MARKER_NAMESPACE);
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
      return result;
    },
    clear: async () => {
      const paths = policyNamespaces.map((name) => `/apis/networking.k8s.io/v1/namespaces/${name}/networkpolicies`);
      await Promise.all(paths.map((path) => api.request('DELETE', path)));
      await settle();
    },
    strike: async () => {
      await cast.dismiss();
      await removed(kubectl, ['namespaces', ...own, '--wait=false']);
      const lasting = [...actorObjects(actors, cluster.outside).filter((object) => !isIn(own, object)), ...targets];
      await removed(kubectl, ['-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: lasting }));
    },
  };
}

/** The stage before may have had the same namespaces, and they take seconds to go. */
async function makeNamespace({ api }: Cluster, name: string): Promise<void> {
  const metadata = { name, labels: { 'netpol-guard.io/baseline': 'none' } };
  await until(`namespace ${name} to be made`, async () => {
    const { status, body } = await api.request('POST', '/api/v1/namespaces', { metadata });
    if (status !== 201) throw new Error(JSON.stringify(body));
    return true;
  });
}

function isIn(namespaces: readonly string[], { metadata }: Manifest): boolean {
  return metadata.namespace !== undefined && namespaces.includes(metadata.namespace);
}

async function removed(kubectl: Kubectl, what: readonly string[], stdin = ''): Promise<void> {
  const { status, stderr } = await kubectl(['delete', '--ignore-not-found', ...what], { stdin });
  if (status !== 0) throw new Error(stderr);
}
