import { mkdtempSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { demandRights } from '../harness/audit-log.ts';
import { shake } from '../harness/certificates.ts';
import { connect } from '../harness/connected.ts';
import { startGuard } from '../harness/guard.ts';
import { OURSELVES, renewRelease } from '../harness/release.ts';
import { createServing } from '../harness/serving.ts';
import { until } from '../harness/until.ts';
import { registerWebhooks, unregisterWebhooks } from '../harness/webhooks.ts';

const cluster = connect(inject('controlPlane'));
const { address, kubectl, api } = cluster;
beforeAll(() => renewRelease(api));
afterAll(async () => {
  await cluster.close();
  demandRights(cluster.auditLog(), OURSELVES);
});

it.each([
  ['RSA of 2048 bits', ['rsa:2048']],
  ['RSA of 4096 bits', ['rsa:4096']],
  ['ECDSA on P-256', ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256']],
  ['ECDSA on P-384', ['ec', '-pkeyopt', 'ec_paramgen_curve:P-384']],
])('a certificate from files is trusted, and another one that takes its place: %s', async (_what, newKey) => {
  const folder = mkdtempSync(join(address.folder, 'files-'));
  const serving = createServing(folder, newKey);
  const guard = await startGuard(inject('bundle'), address, kubectl, { serving });
  const judge = async () => {
    const namespace = await cluster.namespace();
    const open = { metadata: { name: 'open' }, spec: { podSelector: {}, policyTypes: ['Egress'], egress: [{}] } };
    return (await api.request('POST', `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies`, open))
      .status;
  };
  try {
    await registerWebhooks(guard, 'url', kubectl, api);
    expect(await judge()).toBe(403);
    const next = createServing(mkdtempSync(join(address.folder, 'files-')), newKey);
    renameSync(next.certFile, serving.certFile);
    renameSync(next.keyFile, serving.keyFile);
    const ca = Buffer.from(next.caBundle, 'base64').toString();
    await until('the other certificate to be shown', () => shake(guard.port, ca), 30_000);
    await registerWebhooks({ ...guard, caBundle: next.caBundle }, 'url', kubectl, api);
    await until('the other certificate to be trusted', async () => ((await judge()) === 403 ? true : undefined));
  } finally {
    await unregisterWebhooks(kubectl, api);
    await guard.process.stop('SIGKILL');
  }
});
