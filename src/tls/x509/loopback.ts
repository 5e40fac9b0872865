import { issueAuthority, issueServing } from './issue.ts';

/** LoopbackCertificate is a serving certificate for only this machine, and the CA that signed it; all PEM. */
export interface LoopbackCertificate {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

const HOUR = 3_600_000;
/** Made at every start, so it must outlast one run. */
const LIFETIME = 365 * 24 * HOUR;

/**
 * issueLoopbackCertificate makes a CA, forgets its key, and keeps one certificate for localhost, 127.0.0.1 and ::1. It
 * is valid from an hour ago, for clocks that are behind. `now` is in milliseconds since the epoch.
 */
export async function issueLoopbackCertificate(now: number): Promise<LoopbackCertificate> {
  const validity = { notBefore: now - HOUR, notAfter: now + LIFETIME };
  const hosts = {
    dnsNames: ['localhost'],
    addresses: [Uint8Array.of(127, 0, 0, 1), Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)],
  };
  const authority = await issueAuthority('netpol-guard standalone CA', validity);
  const { cert, key } = await issueServing('localhost', hosts, validity, authority);
  return { ca: authority.cert, cert, key };
}
