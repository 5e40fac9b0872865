import { afterAll, beforeAll, inject, test } from 'vitest';
import { type Alerting, openAlerting } from './installed/alerting.ts';
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
