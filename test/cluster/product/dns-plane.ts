import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { until } from '../../harness/until.ts';
import type { Cluster } from '../cluster.ts';
import { demanded } from './install.ts';
import type { Manifest } from './manifest.ts';

const FILE = join(import.meta.dirname, '../node/manifests/coredns.yaml');

const SYSTEM = ['-n', 'kube-system'];

/** dnsPods are the addresses of the pods with a label, those that are leaving aside. */
export async function dnsPods({ api }: Cluster, label = 'kube-dns'): Promise<readonly string[]> {
  interface Pod {
    readonly metadata: { readonly deletionTimestamp?: string };
    readonly status: { readonly podIP?: string };
  }
  const path = `/api/v1/namespaces/kube-system/pods?labelSelector=k8s-app%3D${label}`;
  const { items } = await api.get<{ items: readonly Pod[] }>(path);
  return items.flatMap(({ metadata, status }) =>
    metadata.deletionTimestamp === undefined ? (status.podIP ?? []) : [],
  );
}

/** rolledOut waits until all DNS pods that are wished for are ready. */
export async function rolledOut(cluster: Cluster, deployment = 'coredns'): Promise<void> {
  await demanded(cluster, ['rollout', 'status', `deployment/${deployment}`, ...SYSTEM, '--timeout=120s']);
}

/** readdressDns gives the DNS Service another address, for which it has to be made anew. */
export async function readdressDns(cluster: Cluster, clusterIP: string): Promise<void> {
  const service = manifest('Service');
  await demanded(cluster, ['delete', 'service', 'kube-dns', ...SYSTEM]);
  const spec = { ...Object(service['spec']), clusterIP };
  await demanded(cluster, ['create', '-f', '-'], JSON.stringify({ ...service, spec }));
}

/** MOVED is where moveDns has DNS move to. */
export const MOVED = { label: 'coredns-next', port: 5353 } as const;

/** moveDns has other pods answer for the DNS Service, with other labels and on another port; the old ones stay. */
export async function moveDns(cluster: Cluster): Promise<void> {
  const { label, port } = MOVED;
  const text = readFileSync(FILE, 'utf8').replaceAll('k8s-app: kube-dns', `k8s-app: ${label}`);
  const moved = text.replaceAll('containerPort: 53 ', `containerPort: ${port} `).replaceAll('.:53 {', `.:${port} {`);
  const named = (kind: string) => ({ ...manifest(kind, moved), metadata: { name: label, namespace: 'kube-system' } });
  const deployment = JSON.stringify(named('Deployment')).replaceAll(
    '"configMap":{"name":"coredns"}',
    `"configMap":{"name":"${label}"}`,
  );
  const items = [named('ConfigMap'), JSON.parse(deployment)];
  await demanded(cluster, ['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  await rolledOut(cluster, label);
  await patchService(cluster, { 'k8s-app': label }, port);
}

/** moveDnsBack undoes moveDns. */
export async function moveDnsBack(cluster: Cluster): Promise<void> {
  await patchService(cluster, { 'k8s-app': 'kube-dns' }, 53);
  await demanded(cluster, ['delete', 'deployment,configmap', MOVED.label, ...SYSTEM]);
  await until('the other DNS pods to be gone', async () =>
    (await dnsPods(cluster, MOVED.label)).length === 0 ? true : undefined,
  );
}

async function patchService(cluster: Cluster, selector: object, targetPort: number): Promise<void> {
  const ports = [
    { name: 'dns', port: 53, protocol: 'UDP', targetPort },
    { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort },
  ];
  const patch = JSON.stringify({ spec: { selector, ports } });
  await demanded(cluster, ['patch', 'service', 'kube-dns', ...SYSTEM, '--type=merge', '-p', patch]);
}

function manifest(kind: string, text = readFileSync(FILE, 'utf8')): Manifest {
  const found = parseAllDocuments(text)
    .map((document): Manifest => document.toJS())
    .find((object) => object.kind === kind);
  if (found === undefined) throw new Error(`${FILE}: no ${kind}`);
  return found;
}
