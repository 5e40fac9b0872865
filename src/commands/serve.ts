import { type DrainOptions, drain } from '../admission/server/drain.ts';
import { createHealthServer } from '../admission/server/health.ts';
import { createMetricsServer } from '../admission/server/metrics-server.ts';
import type { ExitCode, ProcessIo } from '../cli/io.ts';
import { openLog } from '../cli/log.ts';
import type { ServeOptions } from '../cli/options.ts';
import type { Settings } from '../policy/model/settings.ts';
import { aborted } from '../runtime/abort.ts';
import type { Clock } from '../runtime/clock.ts';
import { every } from '../runtime/every.ts';
import { dnsFound } from './serve/dns-found.ts';
import { holdYoungGeneration } from './serve/heap.ts';
import type { Leading } from './serve/leader.ts';
import { listen } from './serve/listen.ts';
import { identityOf, settingsInForce } from './serve/live-settings.ts';
import { createMetrics, type Metrics } from './serve/metrics/admission.ts';
import { ownNameservers } from './serve/own-nameservers.ts';
import { ownRelease } from './serve/own-release.ts';
import { createPoliciesDrift, type PoliciesDrift } from './serve/policies-drift.ts';
import { ReadingThread } from './serve/reading-thread.ts';
import { certificateSource, openSecurity } from './serve/security.ts';
import { type ClusterFacts, clusterFacts, standaloneFacts } from './serve/snapshot-source.ts';
import { keepWarm } from './serve/warm-up.ts';
import { createWebhook, type WebhookParts } from './serve/webhook.ts';

/** A configuration and the policies that follow it come by one upgrade, within two minutes of each other. */
const POLICIES_DRIFT_MS = 10_000;

/** Until every node knows that the endpoint is gone, calls still come; knative and Gatekeeper wait as long. */
const SHUTDOWN_DELAY_MS = 15_000;

/**
 * serve runs the webhook until it is signalled to stop: once to leave in good order, twice to leave at once. Throws
 * UsageError or ConfigurationError where it cannot start.
 */
export async function serve(options: ServeOptions, io: ProcessIo): Promise<ExitCode> {
  const leaving = new AbortController();
  const hurrying = new AbortController();
  io.onStop(() => (leaving.signal.aborted ? hurrying : leaving).abort());

  const { clock, env } = io;
  const { logger: log, flush } = openLog(options.logLevel, io);
  io.onExit(flush);
  const metrics = createMetrics();
  const closers: (() => unknown)[] = [flush];
  try {
    const { settings, tls, renderedFrom, onRefused, stop } = await settingsInForce({
      file: options.config,
      env,
      clock,
      metrics: metrics.configuration,
      log,
    });
    closers.push(stop);
    const source = certificateSource(options, tls(), env);
    const parts = { io, settings, metrics, log };
    const live = options.standalone ? undefined : await followCluster(options, parts, leaving.signal);
    const complain = (problem: string) => log.warn({ problem }, 'left out');
    const facts = live ?? (await standaloneFacts(options.manifests, settings, complain));
    closers.push(facts.stop);
    const leading = live && (await openLeading(live, parts));
    const warn = (reason: string, message: string) => leading?.warn(reason, message);
    onRefused((problem) => warn('ConfigurationRefused', `the last good configuration stays in force: ${problem}`));
    closers.push(() => leading?.stop());
    const own = live && identityOf(env);
    if (own !== undefined) {
      const observe = metrics.configuration.policiesOutdated;
      closers.push(watchPoliciesDrift({ settings, renderedFrom, own, observe, log, warn }, clock));
    }
    const { pathSecretFile } = options;
    const given = { source, pathSecretFile, env, clock, tls, live, log, warn };
    const security = await openSecurity({ ...given, metrics: metrics.certificates });
    closers.push(security.discard);

    const { context, clientNames, paths } = security;
    const shown = { tls: context(), ...paths, clientNames };
    const thread = new ReadingThread(clock, log);
    closers.push(() => thread.close());
    const readLarge: WebhookParts['readLarge'] = (body, deadline) => thread.read(body, deadline);
    const server = createWebhook({ facts, settings, readLarge, security: shown, clock, metrics, log });
    closers.push(() => server.app.close());
    closers.push(security.follow(server));
    const health = createHealthServer({
      notReady: () => [
        ...facts.notReady(),
        ...security.notReady(),
        ...(leaving.signal.aborted ? ['shutting down'] : []),
      ],
    });
    closers.push(() => health.close());
    const scraped = createMetricsServer({ metrics: metrics.text, clock });
    closers.push(() => scraped.close());

    const host = options.bindAddress ?? (options.standalone ? '127.0.0.1' : undefined);
    const address = await listen(server.app, host, options.port, '--port');
    const healthAddress = await listen(health, host, options.healthPort, '--health-port');
    const metricsAddress = await listen(scraped, host, options.metricsPort, '--metrics-port');
    io.out(`listening on https://${address}\nhealth on http://${healthAddress}\nmetrics on http://${metricsAddress}\n`);
    if (security.authority !== undefined) io.out(invitation(security.authority, address));

    await aborted(leaving.signal);
    log.info({}, 'leaving');
    // Another replica is to lead at once, and not when this one has ended.
    const released = Promise.race([leading?.stop(), aborted(hurrying.signal)]);
    await Promise.all([released, drain(server, drainOptions(options), hurrying.signal)]);
    return 0;
  } finally {
    // Also where it cannot start: what follows the cluster would keep the process alive.
    leaving.abort();
    for (const close of closers.reverse()) await close();
  }
}

/** Looks at once, and then again and again; returns what ends that. */
function watchPoliciesDrift(parts: PoliciesDrift, clock: Clock): () => void {
  const look = createPoliciesDrift(parts);
  look();
  return every(POLICIES_DRIFT_MS, look, clock);
}

/** No Service routes calls to a process on loopback: what is in hand is answered there, and that is all. */
function drainOptions({ standalone, shutdownDelaySeconds }: ServeOptions): DrainOptions {
  const usual = standalone ? 0 : SHUTDOWN_DELAY_MS;
  const delayMs = shutdownDelaySeconds === undefined ? usual : shutdownDelaySeconds * 1000;
  return standalone
    ? { delayMs, quietMs: 0, limitMs: delayMs + 5000 }
    : { delayMs, quietMs: 5000, limitMs: delayMs + 30_000 };
}

interface Parts {
  readonly io: ProcessIo;
  readonly settings: () => Settings;
  readonly metrics: Metrics;
  readonly log: ReturnType<typeof openLog>['logger'];
}

/** Where the webhook's facts come from a live cluster: metrics watch its caches, and the log says once they have synced. */
async function followCluster(
  { kubeconfig }: ServeOptions,
  { io: { env, clock }, settings, metrics, log }: Parts,
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
    log.info({ caches: cluster.caches().map(({ name }) => name) }, dnsFound(cluster.discoveredDns(), settings()));
    await keepWarm({ snapshot: facts.snapshot, settings, log, onWarm }, leaving);
  };
  follow().catch((err: unknown) => {
    if (!leaving.aborted) log.error({ err }, 'a bug: what followed the caches has ended');
  });
  // Asked by every request. What syncs later, such as a policy API that is new, takes no replica out of service.
  return { ...facts, notReady: () => (isWarm ? [] : [...facts.notReady(), 'indexes of large namespaces']) };
}

/** Where we know which namespace we run in, and with it where our Lease is. */
async function openLeading(
  { client, cluster, clock }: ClusterFacts,
  { io: { env }, settings, metrics, log }: Parts,
): Promise<Leading | undefined> {
  const release = ownRelease(env);
  if (release === undefined) {
    log.warn({}, 'POD_NAMESPACE is not set: nothing is applied, so no namespace gets a baseline from here');
    return undefined;
  }
  const { startLeading } = await import('./serve/leader.ts');
  const nameservers = await ownNameservers(env);
  const observer = metrics.baseline;
  return startLeading({ client, cluster, clock, settings, release, nameservers, env, observer, log });
}

function invitation(authority: string, address: string): string {
  return [
    `certificate authority: ${authority}`,
    'try it:',
    `  curl --cacert ${authority} -H 'content-type: application/json' \\`,
    `    --data @examples/requests/open-dns.json https://${address}/validate`,
    '',
  ].join('\n');
}
