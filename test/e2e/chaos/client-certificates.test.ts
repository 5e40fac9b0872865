import { join } from 'node:path';
import { expect, inject, it, onTestFinished } from 'vitest';
import { findPrograms } from '../../../programs/control-plane.ts';
import { keepAdmitting } from '../../harness/admissions.ts';
import { CONFIGURATION_PATH, readSecret, shake } from '../../harness/certificates.ts';
import { connect } from '../../harness/connected.ts';
import { startControlPlane } from '../../harness/control-plane.ts';
import { type Guard, startGuard } from '../../harness/guard.ts';
import { installRelease } from '../../harness/release.ts';
import { until } from '../../harness/until.ts';
import { registerWebhooks } from '../../harness/webhooks.ts';

it('with tls.clientCAFile the API server is let in by its certificate, and nobody else', async () => {
  const controlPlane = await startControlPlane(await findPrograms(inject('release')), {
    webhookClient: 'kube-apiserver',
  });
  const { address } = controlPlane;
  const cluster = connect(address);
  const { kubectl, api } = cluster;
  const guards: Guard[] = [];
  onTestFinished(async () => {
    for (const guard of guards) await guard.process.stop('SIGKILL');
    await cluster.close();
    await controlPlane.stop();
  });
  await installRelease(kubectl);
  const demanding = async (replica: string, clientNames: readonly string[]) => {
    const tls = { clientCAFile: join(address.folder, 'webhook-client-ca.crt'), clientNames };
    const config = { baseline: { template: 'none' }, tls };
    const guard = await startGuard(inject('bundle'), address, kubectl, { config, replica, serving: 'kept' });
    guards.push(guard);
    return guard;
  };
  const guard = await demanding('netpol-guard-0', ['front-proxy', 'kube-apiserver']);
  await registerWebhooks(guard, 'url', kubectl, api);
  const namespace = await cluster.namespace();
  const admissions = keepAdmitting(cluster, namespace, 10);
  await until('some admissions', () => (admissions.count() > 40 ? true : undefined), 60_000);
  await admissions.stop();
  expect(admissions.faults).toEqual([]);

  // Who has the CA and no certificate shakes hands, is told why not, and does not count as a review.
  const { data } = await readSecret(cluster);
  await shake(guard.port, data['ca.crt'] ?? '');
  const reviews = await guard.metric('netpol_guard_admission_requests_total');
  expect(await guard.ready()).toBe(true);

  const other = await demanding('netpol-guard-1', ['front-proxy']);
  const patch = [{ op: 'replace', path: '/webhooks/0/clientConfig/url', value: `${other.url}/validate` }];
  expect((await api.request('PATCH', CONFIGURATION_PATH, patch, 'application/json-patch+json')).status).toBe(200);
  const policy = { metadata: { name: 'closed' }, spec: { podSelector: {}, policyTypes: ['Ingress'] } };
  const path = `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies?dryRun=All`;
  const refusal = await until('the API server to be refused', async () => {
    const { status, body } = await api.request('POST', path, policy);
    return status === 500 ? JSON.stringify(body) : undefined;
  });
  expect(refusal).toContain('the client certificate is that of kube-apiserver; tls.clientNames are front-proxy');
  expect(await other.metric('netpol_guard_refused_requests_total', { code: '403' })).toBeGreaterThan(0);
  expect(await guard.metric('netpol_guard_admission_requests_total')).toBeGreaterThanOrEqual(reviews);
}, 240_000);
