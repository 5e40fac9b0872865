import { X509Certificate } from 'node:crypto';
import { expect, it, onTestFinished } from 'vitest';
import { keepAdmitting } from '../../harness/admissions.ts';
import { readSecret, shake } from '../../harness/certificates.ts';
import { until } from '../../harness/until.ts';
import { startWorld } from '../../harness/world.ts';

it('what has expired while every replica was down is made anew before anybody is ready', async () => {
  const config = {
    baseline: { template: 'none' },
    tls: { selfSigned: { caDuration: '40s', certificateDuration: '10s' } },
  };
  const world = await startWorld({ config, serving: 'kept' });
  onTestFinished(world.stop);
  const [first] = world.guards;
  await first?.process.stop('SIGKILL');
  const before = (await readSecret(world)).data['ca.crt'] ?? '';
  const { validToDate } = new X509Certificate(before);
  await until('the CA to expire', () => (Date.now() > validToDate.getTime() ? true : undefined), 60_000);
  const next = await world.start('netpol-guard-later');
  world.balancer.route([next.port]);
  const { data } = await readSecret(world);
  expect(data['ca.crt']).not.toBe(before);
  expect((await shake(next.port, data['ca.crt'] ?? '')).validToDate.getTime()).toBeGreaterThan(Date.now());
  const admissions = keepAdmitting(world, await world.namespace(), 10);
  await until('some admissions', () => (admissions.count() > 40 ? true : undefined), 60_000);
  await admissions.stop();
  expect(admissions.faults).toEqual([]);
}, 180_000);
