import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cluster } from '../../cluster/cluster.ts';
import { RELEASE } from '../../e2e/harness/release.ts';
import { createServing } from '../../e2e/harness/serving.ts';
import type { Values } from './helm.ts';

const SECRET = 'serving';

/** bringCertificate puts a certificate of the admin's own into a Secret, and returns the values that name it. */
export async function bringCertificate({ api }: Pick<Cluster, 'api'>): Promise<Values> {
  const folder = mkdtempSync(join(tmpdir(), 'netpol-guard-certificate-'));
  try {
    const { certFile, keyFile, caBundle } = createServing(folder);
    const path = `/api/v1/namespaces/${RELEASE.namespace}/secrets`;
    await api.request('DELETE', `${path}/${SECRET}`);
    const { status, body } = await api.request('POST', path, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: SECRET },
      type: 'kubernetes.io/tls',
      stringData: { 'tls.crt': readFileSync(certFile, 'utf8'), 'tls.key': readFileSync(keyFile, 'utf8') },
    });
    if (status !== 201) throw new Error(JSON.stringify(body));
    const authority = Buffer.from(caBundle, 'base64').toString();
    return { tls: { mode: 'existingSecret', existingSecret: SECRET, caBundle: authority } };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
