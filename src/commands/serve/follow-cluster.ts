import type { ProcessIo } from '../../cli/io.ts';
import type { ServeOptions } from '../../cli/options.ts';
import type { Settings } from '../../policy/model/settings.ts';
import type { Logger } from '../../runtime/logger.ts';
import { dnsFindings } from './dns-findings.ts';
import { dnsReport } from './dns-report.ts';
import { holdYoungGeneration } from './heap.ts';
import type { Leading } from './leader.ts';
import type { Metrics } from './metrics/admission.ts';
import { ownNameservers } from './own-nameservers.ts';
import { ownRelease } from './own-release.ts';
import { type ClusterFacts, clusterFacts } from './snapshot-source.ts';
import { keepWarm } from './warm-up.ts';

/** ServeParts are the parts that most of serve needs. */
export interface ServeParts {
  readonly io: ProcessIo;
  readonly settings: () => Settings;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/**
 * followCluster begins to follow a live cluster: metrics watch its caches, and a log line reports when they have
 * synced. Throws as clusterFacts does.
 */
export async function followCluster(
  { kubeconfig }: ServeOptions,
  { io: { env, clock }, settings, metrics, log }: ServeParts,
  leaving: AbortSignal,
): Promise<ClusterFacts> {
  const letGo = holdYoungGeneration();
  const { requested: onRequest, watchEnded: onWatchEnd } = metrics.cluster;
  const release = ownRelease(env);
  const given = { kubeconfig, record: release };
  const facts = await clusterFacts({ ...given, env, clock, settings, log, onRequest, onWatchEnd });
  const { cluster } = facts;
  metrics.cluster.watchCaches(() => new Map(cluster.caches().map(({ name, ageSeconds }) => [name, ageSeconds])));
  let isWarm = false;
  const onWarm = () => {
    isWarm = true;
    letGo();
  };
  const follow = async () => {
    await cluster.synced(leaving);
    const { found, warnings } = dnsReport(await dnsFindings(facts, env), settings());
    log.info({ caches: cluster.caches().map(({ name }) => name) }, 'caches have synced');
    for (const sentence of found) log.info({}, sentence);
    for (const sentence of warnings) log.warn({}, sentence);
    await keepWarm({ snapshot: facts.snapshot, settings, log, onWarm }, leaving);
  };
  follow().catch((err: unknown) => {
    if (!leaving.aborted) log.error({ err }, 'internal error: keeping caches warm stopped');
  });
  // Asked by every request. A cache that syncs later, such as that of a new policy API, takes no replica out of
  // service.
  return { ...facts, notReady: () => (isWarm ? [] : [...facts.notReady(), 'indexes of large namespaces']) };
}

/** openLeading stands for election if its own namespace is known, and with it the Lease. */
export async function openLeading(
  { client, cluster, clock }: ClusterFacts,
  { io: { env }, settings, metrics, log }: ServeParts,
): Promise<Leading | undefined> {
  const release = ownRelease(env);
  if (release === undefined) {
    log.warn({}, 'POD_NAMESPACE is not set, so this process applies no baselines');
    return undefined;
  }
  const { startLeading } = await import('./leader.ts');
  const nameservers = await ownNameservers(env);
  const observer = metrics.baseline;
  return startLeading({ client, cluster, clock, settings, release, nameservers, env, observer, log });
}
