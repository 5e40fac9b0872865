import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { request } from 'undici';
import { parseAllDocuments, stringify } from 'yaml';
import type { Cluster } from '../../cluster/cluster.ts';
import { RELEASE } from '../../e2e/harness/release.ts';
import { until } from '../../e2e/harness/until.ts';

/** Prometheus runs on the node, and finds what to scrape as the operator's does: by the Service for metrics. */
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
  cluster: Pick<Cluster, 'spawn' | 'address' | 'kubeconfig'>,
  rendered: string,
): Promise<Prometheus> {
  const { address } = cluster;
  const folder = join(address.folder, 'prometheus');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'rules.yaml'), stringify(rulesIn(rendered)));
  writeFileSync(join(folder, 'config.yaml'), stringify(configuration(cluster, join(folder, 'rules.yaml'))));
  const { hostname } = new URL(address.server);
  const server = cluster.spawn('node', [
    'prometheus',
    `--config.file=${join(folder, 'config.yaml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=${hostname}:${PORT}`,
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
      server.kill();
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

function configuration({ address, kubeconfig }: Pick<Cluster, 'address' | 'kubeconfig'>, rules: string): object {
  const label = (name: string) => `__meta_kubernetes_${name}`;
  return {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: [rules],
    scrape_configs: [
      {
        job_name: 'netpol-guard',
        kubernetes_sd_configs: [
          { role: 'endpoints', kubeconfig_file: kubeconfig, namespaces: { names: [RELEASE.namespace] } },
        ],
        relabel_configs: [
          { source_labels: [label('service_label_app_kubernetes_io_component')], regex: 'metrics', action: 'keep' },
          { source_labels: [label('endpoint_port_name')], regex: 'metrics', action: 'keep' },
          { source_labels: [label('pod_name')], target_label: 'pod' },
        ],
      },
      {
        job_name: 'apiserver',
        scheme: 'https',
        tls_config: { ca_file: address.caFile, cert_file: address.admin.certFile, key_file: address.admin.keyFile },
        static_configs: [{ targets: [new URL(address.server).host] }],
      },
    ],
  };
}
