import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type Opened, openCluster } from '../cluster/cluster.ts';
import { RELEASE } from '../e2e/harness/release.ts';
import { until } from '../e2e/harness/until.ts';
import { furnish } from './admissions/admissions.ts';
import { offerEach } from './admissions/offers.ts';
import { findHelm, type Helm } from './installed/helm.ts';
import { type Prometheus, startPrometheus } from './installed/prometheus.ts';
import {
  clearAway,
  demanded,
  install,
  isReady,
  kubernetesOf,
  makeNamespace,
  replicas,
  stopReplicas,
} from './installed/release.ts';
import { record } from './report.ts';

const current = inject('current');
let cluster: Opened;
let helm: Helm;
let prometheus: Prometheus;

beforeAll(async () => {
  cluster = await openCluster();
  helm = await findHelm(4, cluster);
  await makeNamespace(cluster);
  await furnish(cluster.api);
  await demanded(install(helm, current, { tls: { selfSigned: { certificateDuration: '24h' } } }));
  // What failed in tests before would be news to a Prometheus that has just come.
  await cluster.restart('kube-apiserver');
  const asked = ['template', RELEASE.name, current.chart, '--kube-version', await kubernetesOf(cluster)];
  const rendered = await demanded(helm(asked, { prometheusRule: { enabled: true } }));
  prometheus = await startPrometheus(cluster, rendered);
});

afterAll(async () => {
  await clearAway(cluster, helm);
  await prometheus.stop();
  await cluster.close();
});

/** Waits until exactly these fire, and nothing else. */
async function proveFiring(alerts: readonly string[]): Promise<string> {
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
}

async function ready(): Promise<readonly string[]> {
  return (await replicas(cluster)).filter(isReady).map(({ metadata }) => metadata.name);
}

async function proveScraped(): Promise<void> {
  const all = async () => ((await prometheus.scraped()) === 3 ? true : undefined);
  await until('three replicas to be scraped', all, 60_000);
}

test('a certificate that is to expire within two days', async () => {
  await proveScraped();
  const after = await proveFiring(['NetpolGuardCertificateExpiresSoon']);
  record('alerts', { what: 'certificates of 24 hours', alerts: 'NetpolGuardCertificateExpiresSoon', after });
});

test('three replicas with certificates of the usual lifetime, and nothing fires', async () => {
  // A certificate that is good is not replaced because another would be made to last longer.
  await clearAway(cluster, helm);
  await demanded(install(helm, current));
  await proveScraped();
  await proveFiring([]);
});

test('a configuration that every replica refuses', async () => {
  const path = `/api/v1/namespaces/${RELEASE.namespace}/configmaps/${RELEASE.name}-config`;
  const { data } = await cluster.api.get<{ readonly data: Readonly<Record<string, string>> }>(path);
  const change = (text: string) =>
    cluster.api.request('PATCH', path, { data: { 'config.yaml': text } }, 'application/merge-patch+json');
  expect((await change(`${data['config.yaml']}\nenforce: hard\n`)).status).toBe(200);
  const after = await proveFiring((await ready()).map((name) => `NetpolGuardConfigurationRefused ${name}`));
  const alerts = 'NetpolGuardConfigurationRefused, for each replica';
  record('alerts', { what: 'a ConfigMap with a value that there is not', alerts, after });
  await change(data['config.yaml'] ?? '');
  await proveFiring([]);
});

test('a webhook that is down, what is refused for it and what is let through', async () => {
  await stopReplicas(cluster);
  await offerEach(cluster.api, 3);
  const alerts = [
    'NetpolGuardDown',
    'NetpolGuardFailsClosed policies.netpol-guard.io',
    'NetpolGuardFailsOpen baseline.netpol-guard.io',
    'NetpolGuardFailsOpen dns-plane.netpol-guard.io',
    'NetpolGuardFailsOpen policies-delete.netpol-guard.io',
  ];
  const after = await proveFiring(alerts);
  record('alerts', { what: 'all replicas down, and policies written', alerts: alerts.join(', '), after });
});
