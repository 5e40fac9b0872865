import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { request } from 'undici';
import { parseAllDocuments, stringify } from 'yaml';
import type { Cluster } from '../../cluster/cluster.ts';
import { RELEASE } from '../../harness/release.ts';
import { until } from '../../harness/until.ts';
import { type Looking, startLooking } from './looking.ts';

/** Prometheus runs on the node, and scrapes what the Service for metrics leads to, as the operator's does. */
export interface Prometheus {
  /** Names of the alerts that fire, each with what tells several of its kind apart: the pod, or the webhook. */
  firing(): Promise<readonly string[]>;
  /** How many replicas it scrapes. */
  scraped(): Promise<number>;
  stop(): Promise<void>;
}

const PORT = 9090;

/** startPrometheus runs Debian's with the rules of the PrometheusRule in a rendered chart. All is done each second. */
export async function startPrometheus(
  cluster: Pick<Cluster, 'spawn' | 'address' | 'api'>,
  rendered: string,
): Promise<Prometheus> {
  const { address } = cluster;
  const folder = join(address.folder, 'prometheus');
  // What an earlier one has seen would be news no more.
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'rules.yaml'), stringify(rulesIn(rendered)));
  writeFileSync(join(folder, 'config.yaml'), stringify(configuration(cluster, folder)));
  const discovery = await discover(cluster, join(folder, 'replicas.json'));
  const { hostname } = new URL(address.server);
  const server = cluster.spawn('node', [
    'prometheus',
    `--config.file=${join(folder, 'config.yaml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=${hostname}:${PORT}`,
    '--web.enable-lifecycle',
  ]);
  let output = '';
  server.stderr?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const ended = new Promise<void>((resolve) => server.once('close', () => resolve()));
  const ask = async <T>(path: string): Promise<T> => {
    const { body } = await request(`http://${hostname}:${PORT}/api/v1${path}`);
    return ((await body.json()) as { readonly data: T }).data;
  };
  await until(
    'Prometheus to be ready',
    async () => {
      if (server.exitCode !== null) throw new Error(output.slice(-2000));
      const { statusCode } = await request(`http://${hostname}:${PORT}/-/ready`);
      return statusCode === 200 ? true : undefined;
    },
    60_000,
  );
  return {
    firing: async () => {
      const { alerts } = await ask<{ readonly alerts: readonly Alert[] }>('/alerts');
      const firing = alerts.filter(({ state }) => state === 'firing');
      return firing.map(({ labels: { alertname, pod, name } }) => [alertname, pod ?? name ?? ''].join(' ').trim());
    },
    scraped: async () => {
      const query = encodeURIComponent('up{job="netpol-guard"} == 1');
      return (await ask<{ readonly result: readonly unknown[] }>(`/query?query=${query}`)).result.length;
    },
    stop: async () => {
      await discovery.stop();
      // A signal would reach nsenter, and not what it started.
      await request(`http://${hostname}:${PORT}/-/quit`, { method: 'POST' });
      await ended;
    },
  };
}

interface Alert {
  readonly state: string;
  readonly labels: { readonly alertname: string; readonly pod?: string; readonly name?: string };
}

/** They fire at once: for how long something must last is tested with promtool. */
function rulesIn(rendered: string): object {
  const objects = parseAllDocuments(rendered).map((document) => document.toJS());
  const { spec } = objects.find((object) => object?.kind === 'PrometheusRule');
  for (const group of spec.groups) for (const rule of group.rules) delete rule.for;
  return spec;
}

function configuration({ address }: Pick<Cluster, 'address'>, folder: string): object {
  return {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: [join(folder, 'rules.yaml')],
    scrape_configs: [
      { job_name: 'netpol-guard', file_sd_configs: [{ files: [join(folder, 'replicas.json')] }] },
      {
        job_name: 'apiserver',
        scheme: 'https',
        tls_config: { ca_file: address.caFile, cert_file: address.admin.certFile, key_file: address.admin.keyFile },
        static_configs: [{ targets: [new URL(address.server).host] }],
      },
    ],
  };
}

interface Slice {
  /** `null` where there are none, and so below. */
  readonly endpoints:
    | readonly { readonly addresses: readonly string[]; readonly targetRef: { readonly name: string } }[]
    | null;
  readonly ports: readonly { readonly port: number }[] | null;
}

const SERVICE = encodeURIComponent(`kubernetes.io/service-name=${RELEASE.name}-metrics`);
const SLICES = `/apis/discovery.k8s.io/v1/namespaces/${RELEASE.namespace}/endpointslices?labelSelector=${SERVICE}`;
/** As often as Prometheus scrapes. */
const LOOK_MS = 1000;

/** Debian's Prometheus is built without Kubernetes' discovery: what that would find is written into a file for it. */
async function discover({ api }: Pick<Cluster, 'api'>, file: string): Promise<Looking> {
  const look = async () => {
    const { items } = await api.get<{ readonly items: readonly Slice[] }>(SLICES);
    const groups = items.flatMap(({ endpoints, ports }) =>
      (endpoints ?? []).map(({ addresses, targetRef }) => ({
        targets: (ports ?? []).map(({ port }) => `${addresses[0]}:${port}`),
        labels: { pod: targetRef.name },
      })),
    );
    writeFileSync(`${file}.new`, JSON.stringify(groups));
    renameSync(`${file}.new`, file);
  };
  return startLooking(look, LOOK_MS);
}
