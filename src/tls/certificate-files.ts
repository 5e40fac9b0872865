import { readFile } from 'node:fs/promises';
import type { Clock } from '../runtime/clock.ts';
import { type PollObserver, poll } from '../runtime/poll.ts';
import { type KeyPair, readKeyPair } from './x509/key-pair.ts';

/** CertificateFiles are the two files of a key pair, PEM. */
export interface CertificateFiles {
  readonly certFile: string;
  readonly privateKeyFile: string;
}

/** loadKeyPair reads the pair once. Throws an Error that names the files and what is wrong. */
export async function loadKeyPair({ certFile, privateKeyFile }: CertificateFiles): Promise<KeyPair> {
  try {
    const [cert, key] = await Promise.all([readFile(certFile, 'utf8'), readFile(privateKeyFile, 'utf8')]);
    return readKeyPair(cert, key);
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`certificate ${certFile} with key ${privateKeyFile}: ${problem}`, { cause });
  }
}

/** watchKeyPair looks for a new pair every ten seconds, and returns a function that stops it. */
export function watchKeyPair(
  files: CertificateFiles,
  first: KeyPair,
  observer: PollObserver<KeyPair>,
  clock: Pick<Clock, 'sleep'>,
): () => void {
  const isSame = (a: KeyPair, b: KeyPair) => a.cert === b.cert && a.key === b.key;
  return poll({ load: () => loadKeyPair(files), isSame, first }, observer, clock);
}
