import { type Opened, openCluster } from '../../cluster/cluster.ts';
import { until } from '../../harness/until.ts';
import { furnish } from '../admissions/admissions.ts';
import { findHelm, type Helm, type Values } from './helm.ts';
import { startPrometheus } from './prometheus.ts';
import { clearAway, demanded, install, kubernetesOf, makeNamespace } from './release.ts';
import type { Version } from './versions.ts';

/** Alerting is an installation in a cluster, and a Prometheus without a past that looks at it. */
export interface Alerting {
  readonly cluster: Opened;
  readonly helm: Helm;
  /** Waits until all three replicas are scraped. */
  proveScraped(): Promise<void>;
  /** Waits until exactly these fire, and nothing else; says how long that took. */
  proveFiring(alerts: readonly string[]): Promise<string>;
  close(): Promise<void>;
}

/** openAlerting installs a version, and has its alerts looked at. */
export async function openAlerting(version: Version, values: Values = {}): Promise<Alerting> {
  const cluster = await openCluster();
  const helm = await findHelm(4, cluster);
  await makeNamespace(cluster);
  await furnish(cluster.api);
  await demanded(install(helm, version, values));
  // What failed in tests before would be news to a Prometheus that has just come.
  await cluster.restart('kube-apiserver');
  const asked = ['template', 'netpol-guard', version.chart, '--kube-version', await kubernetesOf(cluster)];
  const rendered = await demanded(helm(asked, { prometheusRule: { enabled: true } }));
  const prometheus = await startPrometheus(cluster, rendered);
  return {
    cluster,
    helm,
    proveScraped: async () => {
      const all = async () => ((await prometheus.scraped()) === 3 ? true : undefined);
      await until('three replicas to be scraped', all, 60_000);
    },
    proveFiring: async (alerts) => {
      const began = Date.now();
      let firing: readonly string[] = [];
      await until(
        `exactly these to fire: ${alerts.join(', ')}`,
        async () => {
          firing = await prometheus.firing();
          return firing.toSorted().join() === alerts.toSorted().join() ? true : undefined;
        },
        240_000,
      ).catch((cause: unknown) => {
        throw new Error(`fires: ${firing.join(', ')}`, { cause });
      });
      return `${Math.round((Date.now() - began) / 1000)} s`;
    },
    close: async () => {
      await clearAway(cluster, helm);
      await prometheus.stop();
      await cluster.close();
    },
  };
}
