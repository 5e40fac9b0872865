import type { Clock } from '../runtime/clock.ts';
import type { PollObserver } from '../runtime/poll.ts';
import { writeAuthority } from './authority-file.ts';
import { type CertificateFiles, loadKeyPair, watchKeyPair } from './certificate-files.ts';
import { type KeyPair, readKeyPair } from './x509/key-pair.ts';
import { issueLoopbackCertificate } from './x509/loopback.ts';

/** PathAccess says at which paths the API server may call. */
export interface PathAccess {
  /** The secrets that are accepted now. */
  secrets(): readonly string[];
  /** Whether a path without a secret is known to be. */
  plain(): boolean;
  /** Asks whether another secret is, or a path without one. */
  ask(secret: string | undefined): Promise<boolean>;
}

/** ServingCertificate is what a server shows, wherever it comes from. */
export interface ServingCertificate {
  /** What to show now; undefined until there is something. */
  readonly pair: () => KeyPair | undefined;
  /** notReady names what keeps the API server from trusting it, as far as that is known here. */
  readonly notReady: () => readonly string[];
  /** Path of the CA that vouches for a pair of our own making. */
  readonly authority?: string;
  /** Where the API server may call, where that is kept with the certificate. */
  readonly paths?: PathAccess;
  /** follow tells of new pairs from now on, and returns what stops it. */
  readonly follow: (observer: PollObserver<KeyPair>) => () => void;
  /** discard removes what was written. */
  readonly discard: () => Promise<void>;
}

/** certificateFromFiles reads a pair from files, and follows them. Throws an Error that names files and problem. */
export async function certificateFromFiles(
  files: CertificateFiles,
  clock: Pick<Clock, 'sleep'>,
): Promise<ServingCertificate> {
  let pair = await loadKeyPair(files);
  const follow = (observer: PollObserver<KeyPair>) => {
    const changed = (next: KeyPair) => {
      observer.changed(next);
      pair = next;
    };
    return watchKeyPair(files, pair, { ...observer, changed }, clock);
  };
  return { pair: () => pair, notReady: () => [], follow, discard: async () => {} };
}

/**
 * certificateForLoopback makes a pair for this machine alone. Its CA is written below `parent`, its key nowhere. `now`
 * is in milliseconds since the epoch.
 */
export async function certificateForLoopback(now: number, parent: string): Promise<ServingCertificate> {
  const { ca, cert, key } = await issueLoopbackCertificate(now);
  const { path, remove } = await writeAuthority(parent, ca);
  const pair = readKeyPair(cert, key);
  return { pair: () => pair, notReady: () => [], authority: path, follow: () => () => {}, discard: remove };
}
