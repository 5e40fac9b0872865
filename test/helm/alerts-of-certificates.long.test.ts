import { afterAll, beforeAll, inject, test } from 'vitest';
import { type Alerting, openAlerting } from './installed/alerting.ts';
import { clearAway, demanded, install } from './installed/release.ts';
import { record } from './report.ts';

const current = inject('current');
let alerting: Alerting;

beforeAll(async () => {
  alerting = await openAlerting(current, { tls: { selfSigned: { certificateDuration: '24h' } } });
});

afterAll(async () => {
  await alerting.close();
});

test('a certificate that is to expire within two days', async () => {
  const { proveScraped, proveFiring } = alerting;
  await proveScraped();
  const after = await proveFiring(['NetpolGuardCertificateExpiresSoon']);
  record('alerts', { what: 'certificates of 24 hours', alerts: 'NetpolGuardCertificateExpiresSoon', after });
});

test('three replicas with certificates of the usual lifetime, and nothing fires', async () => {
  const { cluster, helm, proveScraped, proveFiring } = alerting;
  // A certificate that is good is not replaced because another would be made to last longer.
  await clearAway(cluster, helm);
  await demanded(install(helm, current));
  await proveScraped();
  await proveFiring([]);
});
