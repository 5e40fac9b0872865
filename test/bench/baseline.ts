import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BaselineCluster } from './baseline-cluster.ts';
import { type Server, startServer } from './process.ts';
import type { Measure, Section } from './report.ts';
import { clusterArguments, type Setting, untilReady, writeKubeconfig } from './setting.ts';

const NAMESPACES = 10_000;
/** Long enough for the garbage to be collected, as in any process that lives on. */
const SETTLE_MS = 5_000;

/** measureBaseline lets the program lead in a large cluster: once with all to be applied, once with nothing to be done. */
export async function measureBaseline(setting: Setting): Promise<Section> {
  const applied = await lead(setting, false);
  const looked = await lead(setting, true);
  return {
    name: 'baseline',
    how: `a leader behind a made-up API server with ${NAMESPACES} namespaces, each with a template and 3 policies of its own; all of the baseline to be applied, and all of it standing`,
    measures: [
      ...timesOf('applied, 2 policies each', applied),
      ...timesOf('looked at, 5 policies each, nothing to do', looked),
      {
        name: `leading with ${NAMESPACES.toLocaleString('en')} namespaces, 5 policies each`,
        value: looked.rss,
        unit: 'MB RSS',
      },
    ],
  };
}

interface Led {
  /** From when the caches had synced until every namespace was done; election included. */
  readonly seconds: number;
  /** CPU for all of them, in microseconds. */
  readonly cpu: number;
  readonly rss: number;
}

function timesOf(what: string, { seconds, cpu }: Led): readonly Measure[] {
  return [
    { name: `${NAMESPACES.toLocaleString('en')} namespaces ${what}`, value: seconds, unit: 's' },
    {
      name: `CPU for each of ${NAMESPACES.toLocaleString('en')} namespaces ${what}`,
      value: cpu / NAMESPACES,
      unit: 'us',
    },
  ];
}

async function lead(setting: Setting, stands: boolean): Promise<Led> {
  const cluster = new BaselineCluster(NAMESPACES, stands);
  const config = join(setting.folder, 'baseline.yaml');
  writeFileSync(config, 'apiVersion: netpol-guard.io/v1alpha1\nkind: GuardConfiguration\ndns: {presets: [kube-dns]}\n');
  const args = clusterArguments(setting, writeKubeconfig(setting, await cluster.start()));
  const env = { ...process.env, POD_NAMESPACE: 'netpol-guard' };
  const server = await startServer([...args, `--config=${config}`], env);
  try {
    await untilReady(server);
    const [started, cpu] = [performance.now(), server.cpu()];
    const result = stands ? 'unchanged' : 'changed';
    while ((await reconciled(server, result)) < NAMESPACES) await sleep(50);
    const led = { seconds: (performance.now() - started) / 1000, cpu: server.cpu() - cpu };
    await sleep(SETTLE_MS);
    return { ...led, rss: server.rss() / 1024 ** 2 };
  } finally {
    await server.stop();
    cluster.stop();
  }
}

async function reconciled({ metricsUrl }: Server, result: string): Promise<number> {
  const text = await (await fetch(`${metricsUrl}/metrics`)).text();
  return Number(new RegExp(`^netpol_guard_reconcile_total\\{result="${result}"\\} (\\d+)`, 'm').exec(text)?.[1] ?? 0);
}
