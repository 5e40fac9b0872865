import { type KeyPair, readKeyPair } from './key-pair.ts';

/** Mounted Secrets change by renaming a link, which file watchers miss; cert-manager and others poll as often. */
const INTERVAL_MS = 10_000;

/** CertificateFiles is where a pair is read from, and who is told of what becomes of it. */
export interface CertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
  readonly readFile: (path: string) => Promise<string>;
  /** A new good pair was read. */
  readonly onChange: (pair: KeyPair) => void;
  /** The files cannot be read, or do not belong together; the last good pair stays in force. */
  readonly onError: (error: Error) => void;
  readonly intervalMs?: number;
}

/** loadKeyPair reads the pair once. Throws an Error that names the file or the mismatch. */
export async function loadKeyPair({ certFile, keyFile, readFile }: CertificateFiles): Promise<KeyPair> {
  const [cert, key] = await Promise.all([readFile(certFile), readFile(keyFile)]);
  return readKeyPair(cert, key);
}

/** watchKeyPair looks for a new pair every ten seconds, and returns a function that ends it. */
export function watchKeyPair(files: CertificateFiles, first: KeyPair): () => void {
  let current = first;
  let reading = false;
  const look = async () => {
    if (reading) return;
    reading = true;
    try {
      const pair = await loadKeyPair(files);
      if (pair.cert === current.cert && pair.key === current.key) return;
      current = pair;
      files.onChange(pair);
    } catch (error) {
      files.onError(error instanceof Error ? error : new Error(String(error)));
    } finally {
      reading = false;
    }
  };
  const timer = setInterval(() => void look(), files.intervalMs ?? INTERVAL_MS);
  timer.unref();
  return () => clearInterval(timer);
}
