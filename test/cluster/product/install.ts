import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RELEASE } from '../../harness/release.ts';
import { createServing } from '../../harness/serving.ts';
import { register, unregisterWebhooks } from '../../harness/webhooks.ts';
import type { Cluster } from '../cluster.ts';
import { PARTS } from './deployment.ts';
import { makeProductImage, REFERENCE } from './image.ts';
import type { Manifest } from './manifest.ts';
import { productObjects } from './objects.ts';

/** Host is what an installation needs of a cluster. */
export type Host = Pick<Cluster, 'kubectl' | 'api' | 'importImage'>;

/** Product is netpol-guard, installed. */
export interface Product {
  /** The webhooks off: what is applied then is judged by nobody. */
  unregister(): Promise<void>;
  /** And on again. */
  register(): Promise<void>;
}

/** SELECTOR finds netpol-guard's pods. */
export const SELECTOR = Object.entries(PARTS)
  .map(([key, value]) => `${key}=${value}`)
  .join(',');

/**
 * installProduct brings netpol-guard into a cluster: three replicas behind a Service, in a namespace where Pod Security
 * enforces its level `restricted`, called by the API server. Returns once all are ready and the API server obeys them.
 */
export async function installProduct(host: Host, config: Readonly<Record<string, unknown>> = {}): Promise<Product> {
  // A run that was cut short has left one whose certificate is not ours.
  if (await isInstalled(host)) await removeProduct(host);
  const folder = mkdtempSync(join(tmpdir(), 'netpol-guard-product-'));
  let caBundle: string;
  try {
    const serving = createServing(folder);
    caBundle = serving.caBundle;
    await host.importImage(makeProductImage(folder));
    await applied(host, productObjects({ image: REFERENCE, config, serving }));
  } finally {
    rmSync(folder, { recursive: true });
  }
  await untilRolledOut(host);
  await registered(host, caBundle);
  return {
    register: async () => await registered(host, caBundle),
    unregister: async () => await unregisterWebhooks(host.kubectl, host.api),
  };
}

async function isInstalled({ api }: Host): Promise<boolean> {
  return (await api.request('GET', `/api/v1/namespaces/${RELEASE.namespace}`)).status === 200;
}

/** removeProduct takes all of it away again, and leaves the policies where they are. */
export async function removeProduct(host: Host): Promise<void> {
  const { kubectl, api } = host;
  await unregisterWebhooks(kubectl, api);
  const { name, namespace } = RELEASE;
  await demanded(host, ['delete', 'deployment', name, '-n', namespace, '--ignore-not-found', '--wait=false']);
  // Nobody calls it any more, so it need not wait for calls to stop.
  await demanded(host, ['delete', 'pods', '-n', namespace, '-l', SELECTOR, '--ignore-not-found', '--grace-period=1']);
  const kinds = 'clusterroles,clusterrolebindings';
  await demanded(host, ['delete', kinds, name, `${name}-discovery`, '--ignore-not-found']);
  for (const place of ['kube-system', 'default']) {
    await demanded(host, ['delete', 'rolebindings', `${name}-discovery`, '-n', place, '--ignore-not-found']);
  }
  await demanded(host, ['delete', 'namespace', namespace, '--ignore-not-found', '--timeout=120s']);
}

/** untilRolledOut waits until every replica is ready and no older one is left. */
export async function untilRolledOut(host: Pick<Host, 'kubectl'>): Promise<void> {
  const target = ['status', `deployment/${RELEASE.name}`, '-n', RELEASE.namespace];
  await demanded(host, ['rollout', ...target, '--timeout=180s']);
}

/** demanded runs kubectl, returns what it prints, and throws an Error with its complaint where it fails. */
export async function demanded(
  { kubectl }: Pick<Host, 'kubectl'>,
  args: readonly string[],
  stdin = '',
): Promise<string> {
  const result = await kubectl(args, { stdin });
  if (result.status !== 0) throw new Error(`kubectl ${args.join(' ')}: ${result.stderr}`);
  return result.stdout;
}

async function applied(host: Host, items: readonly Manifest[]): Promise<void> {
  await demanded(host, ['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
}

async function registered({ kubectl, api }: Host, caBundle: string): Promise<void> {
  const { name, namespace } = RELEASE;
  await register({ service: { namespace, name, port: 443 }, caBundle }, kubectl, api);
}
