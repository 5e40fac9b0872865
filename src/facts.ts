import { setTimeout as sleep } from 'node:timers/promises';
import type { LiveCluster } from './admission/confirmation.ts';
import type { NamespaceNews } from './admission/gate.ts';
import { UsageError } from './cli/command.ts';
import { readManifests } from './cli/manifests/manifests.ts';
import { readSources } from './cli/manifests/read-sources.ts';
import { readWorld, type World, worldOptions } from './cli/world.ts';
import type { Client } from './cluster/client.ts';
import type { Clock } from './cluster/clock.ts';
import type { Cluster } from './cluster/cluster.ts';
import type { Logger as ClusterLogger } from './cluster/logger.ts';
import type { RequestObserver } from './cluster/transport.ts';
import type { WatchEnd } from './cluster/watch-session.ts';
import { readYaml } from './config/read-yaml.ts';
import { offlineSnapshot } from './policy/offline-snapshot.ts';
import type { Settings } from './policy/settings.ts';
import type { ClusterSnapshot } from './policy/snapshot.ts';

/** Facts is where verdicts get their facts from: a live cluster, or files that stand in for one. */
export interface Facts {
  readonly snapshot: () => ClusterSnapshot;
  /** Absent where the snapshot is all there is. */
  readonly live?: LiveCluster & NamespaceNews;
  /** What is not known yet, by name; empty once everything is. */
  readonly missing: () => readonly string[];
  readonly stop: () => Promise<void>;
}

/**
 * standaloneFacts are the facts of a cluster that is not there: the objects of a folder, or none. Requests never change
 * them. `complain` is told of every object that is left out. Throws UsageError where the folder cannot be read.
 */
export async function standaloneFacts(
  folder: string | undefined,
  settings: () => Settings,
  complain: (problem: string) => void,
): Promise<Facts> {
  const world = await worldOf(folder, settings(), complain);
  let made: { settings: Settings; snapshot: ClusterSnapshot } | undefined;
  return {
    snapshot: () => {
      const current = settings();
      if (made?.settings !== current) made = { settings: current, snapshot: offlineSnapshot(world, current) };
      return made.snapshot;
    },
    missing: () => [],
    stop: async () => {},
  };
}

async function worldOf(
  folder: string | undefined,
  settings: Settings,
  complain: (problem: string) => void,
): Promise<World> {
  const sources = await readSources(folder === undefined ? [] : [folder], noInput);
  if (sources.missing.length > 0) throw new UsageError(`--manifests: ${sources.missing.join('; ')}`);
  for (const { file, message } of sources.unreadable) complain(`${file}: ${message}`);
  const { objects, unreadable } = readManifests(sources.texts);
  for (const { source, line, message } of unreadable) complain(`${source.file}:${line}: ${message}`);
  const world = readWorld(objects, worldOptions(settings, 'default'));
  for (const { file, line, path, message } of world.findings) {
    complain(`${file}:${line}: ${path === undefined ? '' : `${path}: `}${message}`);
  }
  return world;
}

async function* noInput(): AsyncGenerator<Uint8Array> {}

/** ClusterAccess is what it takes to follow a live cluster. */
export interface ClusterAccess {
  /** Else KUBECONFIG, else the pod that this runs in. */
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly settings: () => Settings;
  readonly log: ClusterLogger;
  readonly onRequest: RequestObserver;
  readonly onWatchEnd?: (resource: string, reason: WatchEnd) => void;
  readonly userAgent: string;
}

/** ClusterFacts are the facts of a live cluster. */
export interface ClusterFacts extends Facts {
  readonly cluster: Cluster;
  /** The same connections, for writes. */
  readonly client: Client;
  readonly clock: Clock;
  /** The API server's time, in milliseconds since the epoch. */
  readonly serverNow: () => number;
}

/**
 * clusterFacts begin to follow a live cluster, and come at once: see `missing`. Only here is the API server's client
 * loaded. Throws UsageError where there is no telling which cluster.
 */
export async function clusterFacts(access: ClusterAccess): Promise<ClusterFacts> {
  const { kubeconfig, context, env, now, settings, log, onRequest, onWatchEnd, userAgent } = access;
  const [{ Client }, { loadCredentials }, { startCluster }, { ServerTime }] = await Promise.all([
    import('./cluster/client.ts'),
    import('./cluster/load-credentials.ts'),
    import('./cluster/cluster.ts'),
    import('./cluster/server-time.ts'),
  ]);
  const clock: Clock = {
    elapsed: () => performance.now(),
    random: () => Math.random(),
    sleep: (ms, signal) => sleep(Math.max(0, ms), undefined, { signal }).catch(() => {}),
  };
  const time = new ServerTime(now, log);
  const onServerTime = (heard: number) => time.heard(heard);
  const client = new Client({ credentials: credentials(), clock, userAgent, onRequest, onServerTime });
  const reflectors = onWatchEnd === undefined ? {} : { onWatchEnd };
  const cluster = startCluster({ client, settings, clock, logger: log, reflectors });

  function credentials() {
    const parseYaml = (text: string) => readYaml(text, 'kubeconfig').value;
    try {
      const given = { ...(kubeconfig !== undefined && { kubeconfig }), ...(context !== undefined && { context }) };
      return loadCredentials({ ...given, env, parseYaml, clock });
    } catch (cause) {
      throw new UsageError(cause instanceof Error ? cause.message : String(cause));
    }
  }

  return {
    cluster,
    client,
    clock,
    serverNow: () => time.now(),
    snapshot: () => cluster.snapshot(),
    live: cluster,
    missing: () => cluster.caches().flatMap(({ name, synced }) => (synced ? [] : [`cache ${name}`])),
    stop: async () => {
      await cluster.stop();
      client.close();
    },
  };
}
