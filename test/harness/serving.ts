import { createAuthority, type KeyPair } from './pki.ts';
import { RELEASE } from './release.ts';

/** Serving is the certificate that all replicas of a webhook share, for their Service's name and for loopback. */
export interface Serving extends KeyPair {
  /** The CA: PEM in base64, as `caBundle` wants it. */
  readonly caBundle: string;
}

/** createServing issues one in `folder`; `newKey` as openssl takes it. */
export function createServing(folder: string, newKey?: readonly string[]): Serving {
  const authority = createAuthority(folder, 'guard-ca');
  const service = `${RELEASE.serviceAccount}.${RELEASE.namespace}.svc`;
  const pair = authority.issue('serving', {
    commonName: service,
    names: [`DNS:${service}`, 'DNS:localhost', 'IP:127.0.0.1'],
    ...(newKey && { newKey }),
  });
  return { ...pair, caBundle: Buffer.from(authority.pem).toString('base64') };
}
