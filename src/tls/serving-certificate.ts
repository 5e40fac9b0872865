import { writeAuthority } from './authority-file.ts';
import { type CertificateFiles, type KeyPairObserver, loadKeyPair, watchKeyPair } from './certificate-files.ts';
import { type KeyPair, readKeyPair } from './key-pair.ts';
import { issueLoopbackCertificate } from './loopback.ts';

/** ServingCertificate is what a server shows, wherever it comes from. */
export interface ServingCertificate {
  readonly pair: KeyPair;
  /** Path of the CA that vouches for a pair of our own making. */
  readonly authority?: string;
  /** follow tells of new pairs from now on, and returns what stops it. */
  readonly follow: (observer: KeyPairObserver) => () => void;
  /** discard removes what was written. */
  readonly discard: () => Promise<void>;
}

/** certificateFromFiles reads a pair from files, and follows them. Throws an Error that names files and problem. */
export async function certificateFromFiles(files: CertificateFiles): Promise<ServingCertificate> {
  const pair = await loadKeyPair(files);
  return { pair, follow: (observer) => watchKeyPair(files, pair, observer), discard: async () => {} };
}

/**
 * certificateForLoopback makes a pair for this machine alone. Its CA is written below `parent`, its key nowhere. `now`
 * is in milliseconds since the epoch.
 */
export async function certificateForLoopback(now: number, parent: string): Promise<ServingCertificate> {
  const { ca, cert, key } = await issueLoopbackCertificate(now);
  const { path, remove } = await writeAuthority(parent, ca);
  return { pair: readKeyPair(cert, key), authority: path, follow: () => () => {}, discard: remove };
}
