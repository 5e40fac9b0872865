import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { request } from 'undici';
import { parse, stringify } from 'yaml';
import type { ControlPlaneAddress } from '../../harness/address.ts';
import { freePort, startDaemon } from '../../harness/daemon.ts';
import { until } from '../../harness/until.ts';
import { CHART } from '../helm.ts';

/** Prometheus is a server of its own on loopback. */
export interface Prometheus {
  /** What fires: names of alerts, with that of the webhook where there is one. */
  firing(): Promise<readonly string[]>;
  /** How many series a query finds. */
  count(query: string): Promise<number>;
  stop(): Promise<void>;
}

/**
 * startPrometheus scrapes a replica (`HOST:PORT`) and the API server each second, and judges the chart's alerts as often.
 * They fire at once: for how long something must last, promtool has tested.
 */
export async function startPrometheus(replica: string, cluster: ControlPlaneAddress): Promise<Prometheus> {
  const rules = parse(readFileSync(join(CHART, 'files/alerts.yaml'), 'utf8')) as {
    groups: readonly { rules: { for?: string }[] }[];
  };
  for (const group of rules.groups) for (const rule of group.rules) delete rule.for;
  const file = (name: string) => join(cluster.folder, `prometheus-${name}`);
  writeFileSync(file('rules.yaml'), stringify(rules));
  const config = {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: [file('rules.yaml')],
    scrape_configs: [
      { job_name: 'netpol-guard', static_configs: [{ targets: [replica], labels: { pod: 'netpol-guard-0' } }] },
      {
        job_name: 'apiserver',
        scheme: 'https',
        tls_config: { ca_file: cluster.caFile, cert_file: cluster.admin.certFile, key_file: cluster.admin.keyFile },
        static_configs: [{ targets: [new URL(cluster.server).host] }],
      },
    ],
  };
  writeFileSync(file('config.yaml'), stringify(config));
  const address = `127.0.0.1:${await freePort()}`;
  const args = [
    `--config.file=${file('config.yaml')}`,
    `--storage.tsdb.path=${file('data')}`,
    `--web.listen-address=${address}`,
  ];
  const daemon = startDaemon('prometheus', args, file('log'));
  const ask = async <T>(path: string): Promise<T> => {
    const { statusCode, body } = await request(`http://${address}${path}`);
    const text = await body.text();
    if (statusCode !== 200) throw new Error(`${path}: ${statusCode} ${text}`);
    return (JSON.parse(text) as { readonly data: T }).data;
  };
  await until('Prometheus to be ready', async () => {
    if (daemon.exitCode() !== undefined) throw new Error(daemon.output().slice(-2000));
    return (await request(`http://${address}/-/ready`)).statusCode === 200 ? true : undefined;
  });
  return {
    firing: async () => {
      const { alerts } = await ask<{ readonly alerts: readonly Firing[] }>('/api/v1/alerts');
      return alerts.flatMap(({ labels: { alertname, name }, state }) =>
        state === 'firing' ? [name === undefined ? alertname : `${alertname} ${name}`] : [],
      );
    },
    count: async (query) => {
      const found = await ask<{ readonly result: readonly unknown[] }>(
        `/api/v1/query?query=${encodeURIComponent(query)}`,
      );
      return found.result.length;
    },
    stop: () => daemon.stop(),
  };
}

interface Firing {
  readonly state: string;
  readonly labels: { readonly alertname: string; readonly name?: string };
}
