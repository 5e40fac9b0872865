import type { NamespaceNews } from '../../admission/handlers/waiting-room.ts';
import type { LiveCluster } from '../../admission/review/live-cluster.ts';
import { UsageError } from '../../cli/command.ts';
import type { Cluster, Connection, RecordPlace, WatchEnd } from '../../cluster/cluster.ts';
import { readSources } from '../../manifests/files/read-sources.ts';
import { readManifests } from '../../manifests/text/manifests.ts';
import type { Settings } from '../../policy/model/settings.ts';
import type { ClusterSnapshot } from '../../policy/model/snapshot.ts';
import { offlineSnapshot } from '../../policy/offline-snapshot.ts';
import { unrenderedFindings } from '../../report/unrendered.ts';
import { readWorld, type World, worldOptions } from '../../report/world.ts';
import type { Clock } from '../../runtime/clock.ts';
import { type ConnectOptions, connect } from './connect.ts';
import { heapLimit } from './heap.ts';

/** Facts is the source of facts for verdicts: a live cluster, or files that stand in for one. */
export interface Facts {
  readonly snapshot: () => ClusterSnapshot;
  /** Absent if there is only the snapshot. */
  readonly live?: (LiveCluster & NamespaceNews) | undefined;
  /** What is not known yet, by name; empty once everything is. */
  readonly notReady: () => readonly string[];
  readonly stop: () => Promise<void>;
}

/**
 * standaloneFacts are the facts of a simulated cluster: the objects of a folder, or none. Requests never change them.
 * `complain` is told about every skipped object. Throws UsageError if the folder cannot be read.
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
    notReady: () => [],
    stop: async () => {},
  };
}

async function worldOf(
  folder: string | undefined,
  settings: Settings,
  complain: (problem: string) => void,
): Promise<World> {
  const sources = await readSources(folder === undefined ? [] : [folder], noInput);
  const missing = [...sources.missing, ...sources.emptyFolders];
  if (missing.length > 0) throw new UsageError(`--manifests: ${missing.join('; ')}`);
  for (const reason of sources.passedOver) complain(reason);
  for (const { file, message } of unrenderedFindings(sources.unrendered, settings.docsBaseUrl)) {
    complain(`${file}: ${message}`);
  }
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

/** Following is how a live cluster is followed. */
export interface Following extends Pick<ConnectOptions, 'clock' | 'log'> {
  readonly settings: () => Settings;
  readonly onWatchEnd?: ((resource: string, reason: WatchEnd) => void) | undefined;
  /** Where the leader writes down what is known of cluster DNS; absent where there is no such place. */
  readonly record?: RecordPlace | undefined;
}

/** ClusterFacts are the facts of a live cluster, and the connection that they come over. */
export interface ClusterFacts extends Facts, Connection {
  readonly clock: Clock;
  readonly cluster: Cluster;
}

/** The share of the heap for policies: as much again is for requests in progress and for temporary objects. */
const SHARE_OF_HEAP = 0.45;

/**
 * clusterFacts connect to a live cluster and begin to follow it. They are returned at once: see `notReady`. Throws as
 * connect does.
 */
export async function clusterFacts(access: ConnectOptions & Following): Promise<ClusterFacts> {
  return factsOver(await connect(access), access);
}

/** factsOver begin to follow the cluster of a connection, and close the connection once they are stopped. */
export async function factsOver(connection: Connection, following: Following): Promise<ClusterFacts> {
  const { settings, clock, log, onWatchEnd, record } = following;
  const { startCluster } = await import('../../cluster/cluster.ts');
  const { client } = connection;
  const policyBytes = Math.floor(heapLimit() * SHARE_OF_HEAP);
  const cluster = startCluster({
    client,
    settings,
    clock,
    logger: log,
    policyBytes,
    onWatchEnd,
    record,
  });
  return {
    ...connection,
    clock,
    cluster,
    snapshot: () => cluster.snapshot(),
    live: cluster,
    notReady: () => cluster.caches().flatMap(({ name, synced }) => (synced ? [] : [`cache ${name}`])),
    stop: async () => {
      await cluster.stop();
      client.close();
    },
  };
}
