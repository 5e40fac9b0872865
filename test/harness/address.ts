import { readFileSync, writeFileSync } from 'node:fs';
import type { KeyPair } from './pki.ts';

/** ControlPlaneAddress is how to reach a control plane: plain data, so that vitest can hand it to its workers. */
export interface ControlPlaneAddress {
  /** Such as `https://127.0.0.1:41235`. */
  readonly server: string;
  readonly caFile: string;
  /** A member of system:masters. */
  readonly admin: KeyPair;
  /** The admin's kubeconfig. */
  readonly kubeconfig: string;
  /** One JSON event a line. */
  readonly auditLog: string;
  /** Path of the kubectl that belongs to it. */
  readonly kubectl: string;
  /** Where its files are; goes away with it. */
  readonly folder: string;
}

/** writeKubeconfig writes a kubeconfig for an identity: a client certificate, or the file of a bearer token. */
export function writeKubeconfig(
  file: string,
  cluster: Pick<ControlPlaneAddress, 'server' | 'caFile'>,
  identity: KeyPair | { tokenFile: string },
): void {
  const user =
    'tokenFile' in identity
      ? { tokenFile: identity.tokenFile }
      : { 'client-certificate': identity.certFile, 'client-key': identity.keyFile };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'e2e',
        cluster: {
          server: cluster.server,
          'certificate-authority-data': readFileSync(cluster.caFile).toString('base64'),
        },
      },
    ],
    users: [{ name: 'e2e', user }],
    contexts: [{ name: 'e2e', context: { cluster: 'e2e', user: 'e2e' } }],
    'current-context': 'e2e',
  };
  writeFileSync(file, JSON.stringify(config, null, 2), { mode: 0o600 });
}
