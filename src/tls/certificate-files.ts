import { readFile } from 'node:fs/promises';
import { type KeyPair, readKeyPair } from './key-pair.ts';

/** Mounted Secrets change by renaming a link, which file watchers miss; controller-runtime polls as often. */
const INTERVAL_MS = 10_000;

/** CertificateFiles are the two files of a key pair, PEM. */
export interface CertificateFiles {
  readonly certFile: string;
  readonly privateKeyFile: string;
}

/** KeyPairObserver is told what becomes of the files. */
export interface KeyPairObserver {
  /** A new good pair was read. */
  changed(pair: KeyPair): void;
  /** The files cannot be read, or do not belong together; the last good pair stays in force. */
  failed(error: Error): void;
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

/** watchKeyPair looks for a new pair every ten seconds, and returns what stops it. */
export function watchKeyPair(
  files: CertificateFiles,
  first: KeyPair,
  observer: KeyPairObserver,
  intervalMs: number = INTERVAL_MS,
): () => void {
  let current = first;
  let reading = false;
  const look = async () => {
    if (reading) return;
    reading = true;
    try {
      const pair = await loadKeyPair(files);
      if (pair.cert === current.cert && pair.key === current.key) return;
      observer.changed(pair);
      current = pair;
    } catch (error) {
      observer.failed(error instanceof Error ? error : new Error(String(error)));
    } finally {
      reading = false;
    }
  };
  const timer = setInterval(() => void look(), intervalMs);
  timer.unref();
  return () => clearInterval(timer);
}
