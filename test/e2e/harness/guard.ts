import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { request } from 'undici';
import { inject } from 'vitest';
import { stringify } from 'yaml';
import { type Reach, webhookConfigurations } from '../../../src/admission/webhook-configurations.ts';
import { type ControlPlaneAddress, writeKubeconfig } from './address.ts';
import type { ApiClient } from './api-client.ts';
import { type Daemon, freePort, startDaemon } from './daemon.ts';
import type { Kubectl } from './kubectl.ts';
import { createAuthority } from './pki.ts';
import { until } from './until.ts';

/** Where the tests install netpol-guard, and as whom it runs. */
export const RELEASE = { namespace: 'netpol-guard', serviceAccount: 'netpol-guard' };

/** GuardOptions are what cases vary of the process. */
export interface GuardOptions {
  /** The configuration, but for `apiVersion` and `kind`. Without `baseline` in it, no namespace gets one. */
  readonly config?: Readonly<Record<string, unknown>>;
}

/** Guard is a netpol-guard process with the rights of its ServiceAccount. */
export interface Guard {
  /** Such as `https://127.0.0.1:41235`. */
  readonly url: string;
  readonly port: number;
  /** The CA of its certificate: PEM in base64, as `caBundle` wants it. */
  readonly caBundle: string;
  readonly process: Daemon;
  /** The sum of a metric's samples whose labels contain all of `labels`. */
  metric(name: string, labels?: Readonly<Record<string, string>>): Promise<number>;
  ready(): Promise<boolean>;
}

/** startGuard starts the program that the run bundled as an admin would, and returns once `/readyz` says so. */
export async function startGuard(
  cluster: ControlPlaneAddress,
  kubectl: Kubectl,
  options: GuardOptions = {},
): Promise<Guard> {
  const folder = mkdtempSync(join(cluster.folder, 'guard-'));
  const authority = createAuthority(folder, 'guard-ca');
  const service = `${RELEASE.serviceAccount}.${RELEASE.namespace}.svc`;
  const tls = authority.issue('serving', {
    commonName: service,
    names: [`DNS:${service}`, 'DNS:localhost', 'IP:127.0.0.1'],
  });

  const token = await kubectl(['create', 'token', RELEASE.serviceAccount, '-n', RELEASE.namespace, '--duration=2h']);
  if (token.status !== 0) throw new Error(token.stderr);
  const tokenFile = join(folder, 'token');
  writeFileSync(tokenFile, token.stdout.trim(), { mode: 0o600 });
  const kubeconfig = join(folder, 'kubeconfig');
  writeKubeconfig(kubeconfig, cluster, { tokenFile });
  const configFile = join(folder, 'config.yaml');
  const configuration = {
    apiVersion: 'netpol-guard.io/v1alpha1',
    kind: 'GuardConfiguration',
    baseline: { template: 'none' },
    ...options.config,
  };
  writeFileSync(configFile, stringify(configuration));

  const port = await freePort();
  const health = await freePort();
  const args = [
    join(inject('controlPlane').folder, 'dist', 'netpol-guard.js'),
    'serve',
    `--kubeconfig=${kubeconfig}`,
    `--config=${configFile}`,
    `--port=${port}`,
    `--metrics-port=${health}`,
    `--tls-cert-file=${tls.certFile}`,
    `--tls-private-key-file=${tls.keyFile}`,
  ];
  const env = { PATH: process.env['PATH'], POD_NAMESPACE: RELEASE.namespace };
  const daemon = startDaemon(process.execPath, args, join(folder, 'guard.log'), env);
  const get = (path: string) => request(`http://127.0.0.1:${health}${path}`);
  const ready = async (): Promise<boolean> => {
    const response = await get('/readyz').catch(() => undefined);
    await response?.body.dump();
    return response?.statusCode === 200;
  };

  const state = await until('netpol-guard to be ready', async () => {
    if (daemon.exitCode() !== undefined) return 'ended';
    return daemon.output().includes('listening on https://') && (await ready()) ? 'ready' : undefined;
  }).catch(async (error: unknown) => {
    await daemon.stop('SIGKILL');
    throw new Error(`netpol-guard is not ready:\n${daemon.output().slice(-4_000)}`, { cause: error });
  });
  if (state === 'ended') throw new Error(`netpol-guard ended with status ${daemon.exitCode()}:\n${daemon.output()}`);

  return {
    url: `https://127.0.0.1:${port}`,
    port,
    caBundle: Buffer.from(authority.pem).toString('base64'),
    process: daemon,
    ready,
    metric: async (name, labels = {}) => sumOf(await (await get('/metrics')).body.text(), name, labels),
  };
}

/** registerWebhooks installs the configurations and returns once the API server obeys them. */
export async function registerWebhooks(
  guard: Guard,
  reach: 'url' | 'service',
  kubectl: Kubectl,
  api: ApiClient,
): Promise<void> {
  if (reach === 'service') await createService(guard.port, kubectl);
  const { namespace, serviceAccount: name } = RELEASE;
  const way: Reach = reach === 'url' ? { url: guard.url } : { service: { namespace, name, port: guard.port } };
  const items = webhookConfigurations(RELEASE, { ...way, caBundle: guard.caBundle });
  await applied(kubectl, { apiVersion: 'v1', kind: 'List', items });
  await until('the webhook configurations to be obeyed', async () => ((await isWatched(api)) ? true : undefined));
}

/** unregisterWebhooks removes the configurations and returns once the API server has forgotten them. */
export async function unregisterWebhooks(kubectl: Kubectl, api: ApiClient): Promise<void> {
  await kubectl(['delete', 'validatingwebhookconfigurations,mutatingwebhookconfigurations', '--all']);
  await until('the webhook configurations to be forgotten', async () => ((await isWatched(api)) ? undefined : true));
}

/** A policy that every configuration says something about is offered, by dry run, until somebody does. */
async function isWatched(api: ApiClient): Promise<boolean> {
  const marker = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'marker' },
    spec: { podSelector: {}, policyTypes: ['Egress'], egress: [{}] },
  };
  const path = '/apis/networking.k8s.io/v1/namespaces/default/networkpolicies?dryRun=All';
  const answer = await api.request('POST', path, marker);
  return answer.status !== 201 || answer.warnings.length > 0;
}

/** Without kube-proxy, a Service of type ExternalName still leads the API server to a process on this machine. */
async function createService(port: number, kubectl: Kubectl): Promise<void> {
  await applied(kubectl, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: RELEASE.serviceAccount, namespace: RELEASE.namespace },
    spec: { type: 'ExternalName', externalName: 'localhost', ports: [{ port, protocol: 'TCP' }] },
  });
}

async function applied(kubectl: Kubectl, object: object): Promise<void> {
  const result = await kubectl(['apply', '-f', '-'], { stdin: JSON.stringify(object) });
  if (result.status !== 0) throw new Error(result.stderr);
}

function sumOf(exposition: string, name: string, labels: Readonly<Record<string, string>>): number {
  const wanted = Object.entries(labels).map(([key, value]) => `${key}="${value}"`);
  const samples = exposition.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
  if (samples.length === 0) throw new Error(`no metric ${name}`);
  return samples
    .filter((line) => wanted.every((label) => line.includes(label)))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}
