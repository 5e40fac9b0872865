import { X509Certificate } from 'node:crypto';
import type { Authority } from './trust.ts';

/** AUTHORITY_NAME is the common name of every CA that is made for a cluster: it distinguishes them from other CAs. */
export const AUTHORITY_NAME = 'netpol-guard CA';

/** BACKDATED_MS is how long before their creation certificates are valid, for clocks that are behind. */
export const BACKDATED_MS = 3_600_000;

/** readAuthority reads a CA made by netpol-guard (PEM). Throws an Error with the reason if it is not one. */
export function readAuthority(pem: string): Authority {
  const certificate = new X509Certificate(pem);
  const { ca, subject } = certificate;
  if (!ca || subject !== `CN=${AUTHORITY_NAME}`) throw new Error(`CN=${AUTHORITY_NAME} is expected, not ${subject}`);
  if (!certificate.verify(certificate.publicKey)) throw new Error('the CA has not signed itself');
  return {
    id: idOf(certificate),
    cert: certificate.toString(),
    issued: certificate.validFromDate.getTime() + BACKDATED_MS,
    expires: certificate.validToDate.getTime(),
  };
}

/** authoritiesIn reads netpol-guard's CAs from a bundle (PEM), and ignores everything else. */
export function authoritiesIn(bundle: string): readonly Authority[] {
  return (bundle.match(PEM_BLOCK) ?? []).flatMap((pem) => {
    try {
      return [readAuthority(pem)];
    } catch {
      return [];
    }
  });
}

/** idOf is the id of a CA: the SHA-256 of its certificate. */
export function idOf({ fingerprint256 }: X509Certificate): string {
  return fingerprint256.replaceAll(':', '').toLowerCase();
}

const PEM_BLOCK = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]*-----END CERTIFICATE-----/g;
