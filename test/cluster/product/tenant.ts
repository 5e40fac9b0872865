import { until } from '../../harness/until.ts';
import { type Cluster, IMAGES } from '../cluster.ts';
import type { Probe } from '../probe/driver.ts';
import { execProbe } from '../probe/exec.ts';
import { demanded } from './install.ts';

/** Reach is what a pod gets to: DNS of the cluster, and a server out on the Internet. */
export interface Reach {
  readonly dnsOverUdp: boolean;
  readonly dnsOverTcp: boolean;
  readonly outsideDnsOverUdp: boolean;
  readonly outsideDnsOverTcp: boolean;
  readonly outsideDnsOverTls: boolean;
  readonly outsideHttps: boolean;
  readonly outsideHttp: boolean;
}

const reach = (dns: boolean, outside: boolean): Reach => ({
  dnsOverUdp: dns,
  dnsOverTcp: dns,
  outsideDnsOverUdp: outside,
  outsideDnsOverTcp: outside,
  outsideDnsOverTls: outside,
  outsideHttps: outside,
  outsideHttp: outside,
});

/** BASELINED is what the template default-deny leaves a pod; UNPOLICED is all of it, and what shows that there is something. */
export const BASELINED = reach(true, false);
export const UNPOLICED = reach(true, true);

/** CLUSTER_NAME is a name that cluster DNS alone knows. */
const CLUSTER_NAME = 'kubernetes.default.svc.cluster.local';

/** A query takes a millisecond here; a machine that is busy may take its time. */
const PATIENCE = { timeoutMs: 1_500, tries: 2 };

/** tenant is a namespace with a Deployment of one pod in which a probe can be started. Without a template, it is chosen by netpol-guard. */
export function tenant(namespace: string, template?: string): readonly object[] {
  const labels = { app: 'tenant' };
  const owned = template === undefined ? {} : { labels: { 'netpol-guard.io/baseline': template } };
  const container = {
    name: 'main',
    image: IMAGES.node,
    imagePullPolicy: 'IfNotPresent',
    command: ['node', '-e', 'setInterval(() => {}, 2 ** 30)'],
  };
  const spec = { automountServiceAccountToken: false, terminationGracePeriodSeconds: 0, containers: [container] };
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, ...owned } },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'tenant', namespace },
      spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
    },
  ];
}

/** bringTenant makes a namespace together with its Deployment in one `kubectl apply`, and returns once its pod runs. */
export async function bringTenant(cluster: Cluster, namespace: string, template?: string): Promise<void> {
  const items = tenant(namespace, template);
  await demanded(cluster, ['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  await podOf(cluster, namespace);
}

/** reachOf asks the pod of a tenant to reach everything. `dns` is the address of cluster DNS. */
export async function reachOf(cluster: Cluster, namespace: string, dns: string = cluster.clusterDns): Promise<Reach> {
  const { outside } = cluster;
  return await withProbe(cluster, namespace, async (probe) => {
    const answers = async (server: string, protocol: 'udp' | 'tcp', name: string) =>
      (await probe.ask('lookup', { server, protocol, name, ...PATIENCE })).outcome === 'answer';
    const opens = async (port: number) =>
      (await probe.ask('connect', { host: outside, port, timeoutMs: PATIENCE.timeoutMs })).outcome === 'open';
    const [dnsOverUdp, dnsOverTcp, outsideDnsOverUdp, outsideDnsOverTcp] = await Promise.all([
      answers(dns, 'udp', CLUSTER_NAME),
      answers(dns, 'tcp', CLUSTER_NAME),
      answers(outside, 'udp', 'example.com'),
      answers(outside, 'tcp', 'example.com'),
    ]);
    const [outsideDnsOverTls, outsideHttps, outsideHttp] = await Promise.all([opens(853), opens(443), opens(8080)]);
    const found = { dnsOverUdp, dnsOverTcp, outsideDnsOverUdp, outsideDnsOverTcp };
    return { ...found, outsideDnsOverTls, outsideHttps, outsideHttp };
  });
}

/** looksUp tells whether the pod of a tenant gets an answer from one server of cluster DNS, over UDP. */
export async function looksUp(cluster: Cluster, namespace: string, server: string): Promise<boolean> {
  const ask = { server, protocol: 'udp', name: CLUSTER_NAME, ...PATIENCE } as const;
  const said = await withProbe(cluster, namespace, async (probe) => await probe.ask('lookup', ask));
  return said.outcome === 'answer';
}

async function withProbe<T>(cluster: Cluster, namespace: string, ask: (probe: Probe) => Promise<T>): Promise<T> {
  const probe = execProbe(cluster.address, namespace, await podOf(cluster, namespace));
  try {
    return await ask(probe);
  } finally {
    await probe.close();
  }
}

interface Pod {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
  readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

/** podOf waits for the pod of a tenant to be ready, and returns its name. */
async function podOf({ api }: Cluster, namespace: string): Promise<string> {
  const path = `/api/v1/namespaces/${namespace}/pods?labelSelector=app%3Dtenant`;
  const isReady = ({ metadata, status: { conditions = [] } }: Pod) =>
    metadata.deletionTimestamp === undefined &&
    conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
  const pod = await until(
    `the pod of ${namespace}`,
    async () => (await api.get<{ items: readonly Pod[] }>(path)).items.find(isReady),
    120_000,
  );
  return pod.metadata.name;
}
