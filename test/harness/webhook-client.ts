import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAuthority } from './pki.ts';

/** showToWebhooks makes a client certificate, and returns the flag by which the API server shows it to every webhook. */
export function showToWebhooks(folder: string, commonName: string): string {
  const { certFile, keyFile } = createAuthority(folder, 'webhook-client-ca').issue('webhook-client', { commonName });
  const kubeConfigFile = join(folder, 'webhooks.kubeconfig');
  const users = [{ name: '*', user: { 'client-certificate': certFile, 'client-key': keyFile } }];
  writeFileSync(kubeConfigFile, JSON.stringify({ apiVersion: 'v1', kind: 'Config', users }), { mode: 0o600 });
  const apiVersion = 'apiserver.config.k8s.io/v1';
  const plugins = ['ValidatingAdmissionWebhook', 'MutatingAdmissionWebhook'].map((name) => ({
    name,
    configuration: { apiVersion, kind: 'WebhookAdmissionConfiguration', kubeConfigFile },
  }));
  const file = join(folder, 'admission.yaml');
  writeFileSync(file, JSON.stringify({ apiVersion, kind: 'AdmissionConfiguration', plugins }));
  return `--admission-control-config-file=${file}`;
}
