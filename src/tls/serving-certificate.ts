import type { Clock } from '../runtime/clock.ts';
import type { PollObserver } from '../runtime/poll.ts';
import { writeAuthority } from './authority-file.ts';
import { type CertificateFiles, loadKeyPair, watchKeyPair } from './certificate-files.ts';
import { type KeyPair, readKeyPair } from './x509/key-pair.ts';
import { issueLoopbackCertificate } from './x509/loopback.ts';

/** PathAccess is the paths at which the API server may call. */
export interface PathAccess {
  /** The secrets that are accepted now. */
  secrets(): readonly string[];
  /** Whether a path without a secret is known to be accepted. */
  plain(): boolean;
  /** Asks whether another secret, or a path without one, is accepted. */
  ask(secret: string | undefined): Promise<boolean>;
}

/**
 * ServingCertificate is the certificate that a server presents, from any source. Its opener is told about each pair to
 * present.
 */
export interface ServingCertificate {
  /** notReady names what keeps the API server from trusting it, as far as that is known here. */
  readonly notReady: () => readonly string[];
  /** Path of the CA that signed a pair made by netpol-guard. */
  readonly authority?: string | undefined;
  /** The paths at which the API server may call, if they are kept with the certificate. */
  readonly paths?: PathAccess | undefined;
  /** discard reports no further pairs, and removes what was written. */
  readonly discard: () => Promise<void>;
}

/** certificateFromFiles reads a pair from files, and follows them. Throws an Error that names files and problem. */
export async function certificateFromFiles(
  files: CertificateFiles,
  observer: PollObserver<KeyPair>,
  clock: Pick<Clock, 'sleep'>,
): Promise<ServingCertificate> {
  const first = await loadKeyPair(files);
  observer.changed(first);
  const stop = watchKeyPair(files, first, observer, clock);
  return { notReady: () => [], discard: () => Promise.resolve(stop()) };
}

/**
 * certificateForLoopback makes a pair for only this machine. Its CA is written below `parent`, and its key is never
 * written. `now` is in milliseconds since the epoch.
 */
export async function certificateForLoopback(
  now: number,
  parent: string,
  observer: Pick<PollObserver<KeyPair>, 'changed'>,
): Promise<ServingCertificate> {
  const { ca, cert, key } = await issueLoopbackCertificate(now);
  const { path, remove } = await writeAuthority(parent, ca);
  observer.changed(readKeyPair(cert, key));
  return { notReady: () => [], authority: path, discard: remove };
}
