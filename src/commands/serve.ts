import { type DrainOptions, drain } from '../admission/server/drain.ts';
import { createHealthServer } from '../admission/server/health.ts';
import { createMetricsServer } from '../admission/server/metrics-server.ts';
import type { AdmissionServer } from '../admission/server/server.ts';
import type { ExitCode, ProcessIo } from '../cli/io.ts';
import { openLog } from '../cli/log.ts';
import type { ServeOptions } from '../cli/options.ts';
import { aborted } from '../runtime/abort.ts';
import type { Clock } from '../runtime/clock.ts';
import { every } from '../runtime/every.ts';
import type { Logger } from '../runtime/logger.ts';
import { followCluster, openLeading, type ServeParts } from './serve/follow-cluster.ts';
import type { Leading } from './serve/leader.ts';
import { type Listener, listen, PortTaken } from './serve/listen.ts';
import { identityOf, type LiveSettings, openLiveSettings } from './serve/live-settings.ts';
import { createMetrics } from './serve/metrics/admission.ts';
import { createPoliciesDrift, type PoliciesDrift } from './serve/policies-drift.ts';
import { ReadingThread } from './serve/reading-thread.ts';
import { certificateSource, openSecurity } from './serve/security.ts';
import { standaloneFacts } from './serve/snapshot-source.ts';
import { createWebhook } from './serve/webhook.ts';

/** One upgrade delivers a configuration and the policies that follow it, within two minutes of each other. */
const POLICIES_DRIFT_MS = 10_000;

/** Until every node knows that the endpoint is gone, calls still arrive; knative and Gatekeeper wait as long. */
const SHUTDOWN_DELAY_MS = 15_000;

/**
 * serve runs the webhook until it gets a signal to stop: the first one shuts it down gracefully, the second one at
 * once. Throws UsageError or ConfigurationError if it cannot start.
 */
export async function serve(options: ServeOptions, io: ProcessIo): Promise<ExitCode> {
  const leaving = new AbortController();
  const hurrying = new AbortController();
  io.onStop(() => (leaving.signal.aborted ? hurrying : leaving).abort());

  const { logger: log, flush } = openLog(options.logLevel, io);
  io.onExit(flush);
  const closers: Closers = [flush];
  try {
    const { server, leading } = await start(options, { io, log, leaving: leaving.signal, closers });
    await aborted(leaving.signal);
    log.info({}, 'shutting down');
    // Another replica should lead at once, not only when this one has ended.
    const released = Promise.race([leading?.stop(), aborted(hurrying.signal)]);
    await Promise.all([released, drain(server, drainOptions(options), hurrying.signal)]);
    return 0;
  } finally {
    // Also if it cannot start: the watches of the cluster would keep the process alive.
    leaving.abort();
    for (const close of closers.reverse()) await close();
  }
}

/** Cleanup functions, to be called in reverse order. */
type Closers = (() => unknown)[];

interface Start {
  readonly io: ProcessIo;
  readonly log: Logger;
  readonly leaving: AbortSignal;
  readonly closers: Closers;
}

interface Started {
  readonly server: AdmissionServer;
  readonly leading: Leading | undefined;
}

/** Ends once every port is open. */
async function start(options: ServeOptions, { io, log, leaving, closers }: Start): Promise<Started> {
  const { clock, env } = io;
  const metrics = createMetrics();
  const configuration = await openLiveSettings({
    file: options.config,
    env,
    clock,
    metrics: metrics.configuration,
    log,
  });
  closers.push(configuration.stop);
  const { settings, tls } = configuration;
  const source = certificateSource(options, tls(), env);
  const parts: ServeParts = { io, settings, metrics, log };
  const live = options.standalone ? undefined : await followCluster(options, parts, leaving);
  const complain = (problem: string) => log.warn({ problem }, 'skipped invalid object');
  const facts = live ?? (await standaloneFacts(options.manifests, settings, complain));
  closers.push(facts.stop);
  const leading = live && (await openLeading(live, parts));
  closers.push(() => leading?.stop());
  const warn: Warn = (reason, message) => leading?.warn(reason, message);
  closers.push(watchConfiguration(configuration, live !== undefined, warn, parts));

  const { pathSecretFile } = options;
  const given = { source, pathSecretFile, env, clock, tls, live, log, warn };
  const security = await openSecurity({ ...given, metrics: metrics.certificates });
  closers.push(security.discard);
  const thread = new ReadingThread(clock, log);
  closers.push(() => thread.close());
  const { context, clientNames, paths } = security;
  const server = createWebhook({
    facts,
    settings,
    readLarge: (body, deadline) => thread.read(body, deadline),
    security: { tls: context(), ...paths, clientNames },
    clock,
    metrics,
    log,
  });
  closers.push(() => server.app.close(), security.follow(server));

  const isLeaving = () => (leaving.aborted ? ['shutting down'] : []);
  const health = createHealthServer({
    notReady: () => [...facts.notReady(), ...security.notReady(), ...isLeaving()],
  });
  const scraped = createMetricsServer({ metrics: metrics.text, clock });
  closers.push(
    () => health.close(),
    () => scraped.close(),
  );
  const address = await open({ webhook: server.app, health, metrics: scraped }, options, io);
  if (security.authority !== undefined) io.out(invitation(security.authority, address));
  return { server, leading };
}

interface Listeners {
  readonly webhook: Listener;
  readonly health: Listener;
  readonly metrics: Listener;
}

/** Returns the webhook's address. */
async function open({ webhook, health, metrics }: Listeners, options: ServeOptions, io: ProcessIo): Promise<string> {
  const { standalone } = options;
  const host = options.bindAddress ?? (standalone ? '127.0.0.1' : undefined);
  const bind = async (app: Listener, flag: string, given: number | undefined, standard: number): Promise<string> => {
    const place = { host, flag, port: given ?? standard };
    try {
      return await listen(app, place);
    } catch (error) {
      // Only this output announces a port, so another one is fine.
      if (!(error instanceof PortTaken && standalone && given === undefined)) throw error;
      io.err(`netpol-guard: port ${standard} is taken, using a free one; ${flag} chooses one\n`);
      return listen(app, { ...place, port: 0 });
    }
  };
  const address = await bind(webhook, '--port', options.port, 10250);
  const healthAddress = await bind(health, '--health-port', options.healthPort, 8081);
  const metricsAddress = await bind(metrics, '--metrics-port', options.metricsPort, 8080);
  io.out(`listening on https://${address}\nhealth on http://${healthAddress}\nmetrics on http://${metricsAddress}\n`);
  return address;
}

type Warn = (reason: string, message: string) => void;

/**
 * Reports a rejected configuration, and policies in the API server that do not match it; returns a function that ends
 * it.
 */
function watchConfiguration(
  { onRefused, renderedFrom }: LiveSettings,
  isLive: boolean,
  warn: Warn,
  { io: { env, clock }, settings, metrics, log }: ServeParts,
): () => void {
  onRefused((problem) => warn('ConfigurationRefused', `the last good configuration stays in force: ${problem}`));
  const own = identityOf(env);
  if (!isLive || own === undefined) return () => {};
  const observe = metrics.configuration.policiesOutdated;
  return watchPoliciesDrift({ settings, renderedFrom, own, observe, log, warn }, clock);
}

/** Checks at once and then repeatedly; returns a function that ends it. */
function watchPoliciesDrift(parts: PoliciesDrift, clock: Clock): () => void {
  const look = createPoliciesDrift(parts);
  look();
  return every(POLICIES_DRIFT_MS, look, clock);
}

/** No Service routes calls to a process on loopback: requests in progress are answered, and that is all. */
function drainOptions({ standalone, shutdownDelaySeconds }: ServeOptions): DrainOptions {
  const usual = standalone ? 0 : SHUTDOWN_DELAY_MS;
  const delayMs = shutdownDelaySeconds === undefined ? usual : shutdownDelaySeconds * 1000;
  return standalone
    ? { delayMs, quietMs: 0, limitMs: delayMs + 5000 }
    : { delayMs, quietMs: 5000, limitMs: delayMs + 30_000 };
}

function invitation(authority: string, address: string): string {
  return [
    `certificate authority: ${authority}`,
    'try it:',
    `  curl -sS --cacert ${authority} -H 'content-type: application/json' \\`,
    `    --data @examples/requests/open-dns.json https://${address}/validate |`,
    `    node -p 'JSON.parse(fs.readFileSync(0)).response.status.message'`,
    '',
  ].join('\n');
}
