import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { request } from 'undici';
import { stringify } from 'yaml';
import { type ControlPlaneAddress, writeKubeconfig } from './address.ts';
import { type Daemon, freePort, startDaemon } from './daemon.ts';
import type { Kubectl } from './kubectl.ts';
import type { MemoryLimit } from './memory-limit.ts';
import { RELEASE } from './release.ts';
import { createServing, type Serving } from './serving.ts';
import { until } from './until.ts';

/** GuardOptions are what cases vary of the process. */
export interface GuardOptions {
  /** The configuration, but for `apiVersion` and `kind`. Without `baseline` in it no namespace gets one, nor a gate. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** The name of its pod: which replica it is. */
  readonly replica?: string;
  /** Where it finds the API server, when that is not the API server itself. */
  readonly apiServer?: Pick<ControlPlaneAddress, 'server' | 'caFile'>;
  /** A certificate that it shares with others; `kept`: it makes its own, and keeps it in its Secret. */
  readonly serving?: Serving | 'kept';
  /** It runs under this limit, as its container would. */
  readonly memory?: MemoryLimit;
  /** More of its environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Guard is a netpol-guard process with the rights of its ServiceAccount. */
export interface Guard {
  readonly replica: string;
  /** Such as `https://127.0.0.1:41235`. */
  readonly url: string;
  readonly port: number;
  /** The CA of its certificate: PEM in base64, as `caBundle` wants it; undefined where it publishes that itself. */
  readonly caBundle: string | undefined;
  readonly process: Daemon;
  /** How the audit log tells its requests from those of other replicas: by its token. */
  readonly credential: string;
  /** The sum of a metric's samples whose labels contain all of `labels`. */
  metric(name: string, labels?: Readonly<Record<string, string>>): Promise<number>;
  /** All of them, as text. */
  metrics(): Promise<string>;
  ready(): Promise<boolean>;
  /** Tells it twice to stop: it gives up the Lease, and leaves at once. */
  leave(): Promise<void>;
  /** Replaces its configuration, which it reads again within seconds. */
  configure(config: Readonly<Record<string, unknown>>): void;
}

/** Who asks for metrics more often is shown what others were shown just before. */
const METRICS_PACE_MS = 250;

/** startGuard starts the program bundled in a folder as an admin would, and returns once `/readyz` says so. */
export async function startGuard(
  bundle: string,
  cluster: ControlPlaneAddress,
  kubectl: Kubectl,
  options: GuardOptions = {},
): Promise<Guard> {
  const { replica = 'netpol-guard-0', config = {}, apiServer = cluster } = options;
  const folder = mkdtempSync(join(cluster.folder, 'guard-'));
  const serving = options.serving === 'kept' ? undefined : (options.serving ?? createServing(folder));
  const token = await kubectl(['create', 'token', RELEASE.serviceAccount, '-n', RELEASE.namespace, '--duration=2h']);
  if (token.status !== 0) throw new Error(token.stderr);
  const tokenFile = join(folder, 'token');
  writeFileSync(tokenFile, token.stdout.trim(), { mode: 0o600 });
  const kubeconfig = join(folder, 'kubeconfig');
  writeKubeconfig(kubeconfig, apiServer, { tokenFile });
  const configFile = join(folder, 'config.yaml');
  const configure: Guard['configure'] = (config) => writeFileSync(configFile, stringify(configuration(config)));
  configure(config);

  const port = await freePort();
  const args = [
    join(bundle, 'dist', 'netpol-guard.js'),
    'serve',
    `--kubeconfig=${kubeconfig}`,
    `--config=${configFile}`,
    `--port=${port}`,
    '--health-port=0',
    '--metrics-port=0',
    ...(serving ? [`--tls-cert-file=${serving.certFile}`, `--tls-private-key-file=${serving.keyFile}`] : []),
  ];
  const env = {
    PATH: process.env['PATH'],
    POD_NAMESPACE: RELEASE.namespace,
    POD_NAME: replica,
    RELEASE_NAME: RELEASE.name,
    // As the chart has it where the API server calls by address.
    WEBHOOK_URL_HOST: '127.0.0.1',
    ...options.env,
  };
  const [program, ...given] = underLimit(options.memory, [process.execPath, ...args]);
  const daemon = startDaemon(program, given, join(folder, 'guard.log'), env);
  let nextTurn = 0;
  const metricsText = async () => {
    const turn = Math.max(nextTurn, performance.now());
    nextTurn = turn + METRICS_PACE_MS;
    await pause(Math.max(0, turn - performance.now()));
    const { body } = await request(`${addressOf(daemon, 'metrics')}/metrics`);
    return body.text();
  };
  const ready = async (): Promise<boolean> => {
    const response = await request(`${addressOf(daemon, 'health')}/readyz`).catch(() => undefined);
    await response?.body.dump();
    return response?.statusCode === 200;
  };
  await untilUp(daemon, ready);

  return {
    replica,
    url: `https://127.0.0.1:${port}`,
    port,
    caBundle: serving?.caBundle,
    process: daemon,
    credential: credentialOf(token.stdout),
    ready,
    leave: async () => {
      daemon.signal('SIGTERM');
      await until('readiness to be withdrawn', async () => ((await ready()) ? undefined : true));
      await daemon.stop('SIGTERM');
    },
    configure,
    metrics: metricsText,
    metric: async (name, labels = {}) => sumOf(await metricsText(), name, labels),
  };
}

/** A process must be under its limit when it starts: Node sizes its heap by it then. */
function underLimit(memory: MemoryLimit | undefined, command: [string, ...string[]]): [string, ...string[]] {
  return memory === undefined
    ? command
    : ['/bin/sh', '-c', 'echo $$ > "$0" && exec "$@"', memory.processesFile, ...command];
}

/** The id of a token that the API server has issued, as it stands in `user.extra`. */
function credentialOf(token: string): string {
  const claims: { jti: string } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
  return `JTI=${claims.jti}`;
}

/** configuration is the whole configuration of a test: no baseline and no gate unless it says so. */
export function configuration(config: Readonly<Record<string, unknown>>): object {
  return {
    apiVersion: 'netpol-guard.io/v1alpha1',
    kind: 'GuardConfiguration',
    baseline: { template: 'none' },
    gate: { enabled: false },
    ...config,
  };
}

/** Where one of its servers is, as it prints it. Before that it is port 0, where nobody is. */
function addressOf(daemon: Daemon, server: 'health' | 'metrics'): string {
  const port = new RegExp(`^${server} on http://\\S+:(\\d+)$`, 'm').exec(daemon.output())?.[1];
  return `http://127.0.0.1:${port ?? 0}`;
}

async function untilUp(daemon: Daemon, ready: () => Promise<boolean>): Promise<void> {
  const state = await until(
    'netpol-guard to be ready',
    async () => {
      if (daemon.exitCode() !== undefined) return 'ended';
      return daemon.output().includes('metrics on http://') && (await ready()) ? 'ready' : undefined;
    },
    60_000,
  ).catch(async (error: unknown) => {
    await daemon.stop('SIGKILL');
    throw new Error(`netpol-guard is not ready:\n${daemon.output().slice(-4_000)}`, { cause: error });
  });
  if (state === 'ended') throw new Error(`netpol-guard ended with status ${daemon.exitCode()}:\n${daemon.output()}`);
}

function sumOf(exposition: string, name: string, labels: Readonly<Record<string, string>>): number {
  const wanted = Object.entries(labels).map(([key, value]) => `${key}="${value}"`);
  const samples = exposition.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
  if (samples.length === 0) throw new Error(`no metric ${name}`);
  return samples
    .filter((line) => wanted.every((label) => line.includes(label)))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}
