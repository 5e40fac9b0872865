import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { RELEASE } from '../harness/release.ts';
import { offerEach } from './admissions/offers.ts';
import { type Alerting, openAlerting } from './installed/alerting.ts';
import { isReady, replicas, stopReplicas } from './installed/release.ts';
import { record } from './report.ts';

let alerting: Alerting;

beforeAll(async () => {
  alerting = await openAlerting(inject('current'));
});

afterAll(async () => {
  await alerting.close();
});

test('a configuration that every replica refuses', async () => {
  const { cluster, proveScraped, proveFiring } = alerting;
  await proveScraped();
  await proveFiring([]);
  record('alerts', { what: 'nothing', alerts: 'none', after: '' });
  const path = `/api/v1/namespaces/${RELEASE.namespace}/configmaps/${RELEASE.name}-config`;
  const { data } = await cluster.api.get<{ readonly data: Readonly<Record<string, string>> }>(path);
  const change = (text: string) =>
    cluster.api.request('PATCH', path, { data: { 'config.yaml': text } }, 'application/merge-patch+json');
  expect((await change(`${data['config.yaml']}\nenforce: hard\n`)).status).toBe(200);
  const ready = (await replicas(cluster)).filter(isReady);
  const after = await proveFiring(ready.map(({ metadata }) => `NetpolGuardConfigurationRefused ${metadata.name}`));
  const alerts = 'NetpolGuardConfigurationRefused, for each replica';
  record('alerts', { what: 'a ConfigMap with a value that there is not', alerts, after });
  await change(data['config.yaml'] ?? '');
});

test('a webhook that is down, what is refused for it and what is let through', async () => {
  const { cluster, proveFiring } = alerting;
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
