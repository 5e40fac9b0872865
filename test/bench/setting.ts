import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { issueLoopbackCertificate } from '../../src/tls/x509/loopback.ts';
import type { Server } from './process.ts';
import { policyManifest, reviewBody } from './review.ts';

/** Setting is what all sections share: a folder that is removed when the process ends, a certificate, the body, how long to take. */
export interface Setting {
  readonly folder: string;
  readonly certFile: string;
  readonly keyFile: string;
  /** PEM of the CA of the certificate. */
  readonly authority: string;
  readonly bodyFile: string;
  readonly body: string;
  /** How many slices are driven at each server. */
  readonly slices: number;
}

/** PROGRAM is the bundled netpol-guard. */
export const PROGRAM = join(import.meta.dirname, '../../dist/netpol-guard.js');

export async function makeSetting(slices: number): Promise<Setting> {
  const folder = mkdtempSync(join(tmpdir(), 'netpol-guard-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const [certFile, keyFile, bodyFile] = ['tls.crt', 'tls.key', 'review.json'].map((name) => join(folder, name));
  if (certFile === undefined || keyFile === undefined || bodyFile === undefined)
    throw new Error('three names, three files');
  const { ca, cert, key } = await issueLoopbackCertificate(Date.now());
  const body = reviewBody();
  writeFileSync(certFile, cert);
  writeFileSync(keyFile, key, { mode: 0o600 });
  writeFileSync(bodyFile, body);
  return { folder, authority: ca, certFile, keyFile, bodyFile, body, slices };
}

/** writePolicies makes a folder of manifests with so many policies in the namespace that the review is about. */
export function writePolicies(setting: Setting, count: number): string {
  const folder = join(setting.folder, `policies-${count}`);
  mkdirSync(folder);
  const manifests = Array.from({ length: count }, (_, n) => policyManifest(`policy-${n}`, `app-${n}`));
  for (let start = 0; start < count; start += 500) {
    const documents = manifests.slice(start, start + 500).map((manifest) => stringify(manifest));
    writeFileSync(join(folder, `${start}.yaml`), documents.join('---\n'));
  }
  return folder;
}

/** serveArguments are those of our webhook without a cluster. */
export function serveArguments(setting: Setting, manifests: string, program = PROGRAM): string[] {
  return [
    program,
    'serve',
    '--standalone',
    `--manifests=${manifests}`,
    '--port=0',
    '--health-port=0',
    '--metrics-port=0',
    `--tls-cert-file=${setting.certFile}`,
    `--tls-private-key-file=${setting.keyFile}`,
  ];
}

/** clusterArguments are those of our webhook behind an API server. */
export function clusterArguments(setting: Setting, kubeconfig: string, program = PROGRAM): string[] {
  return [
    program,
    'serve',
    `--kubeconfig=${kubeconfig}`,
    '--bind-address=127.0.0.1',
    '--port=0',
    '--health-port=0',
    '--metrics-port=0',
    `--tls-cert-file=${setting.certFile}`,
    `--tls-private-key-file=${setting.keyFile}`,
  ];
}

/** writeKubeconfig names an API server that asks nobody who they are, and returns the file. */
export function writeKubeconfig(setting: Setting, server: string): string {
  const file = join(setting.folder, 'kubeconfig');
  const lists = {
    clusters: [{ name: 'bench', cluster: { server } }],
    users: [{ name: 'bench', user: { token: 'none' } }],
    contexts: [{ name: 'bench', context: { cluster: 'bench', user: 'bench' } }],
    'current-context': 'bench',
  };
  writeFileSync(file, stringify({ apiVersion: 'v1', kind: 'Config', ...lists }));
  return file;
}

/** untilReady asks `/readyz` until all is cached. Throws after a minute. */
export async function untilReady(server: Server): Promise<void> {
  for (let n = 0; n < 6_000; n += 1) {
    const answer = await fetch(`${server.healthUrl}/readyz`).catch(() => undefined);
    await answer?.arrayBuffer();
    if (answer?.status === 200) return;
    await sleep(10);
  }
  throw new Error('not ready within a minute');
}
