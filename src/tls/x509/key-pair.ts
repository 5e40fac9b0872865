import { createPrivateKey, X509Certificate } from 'node:crypto';

/** KeyPair is a serving certificate, with the chain that comes after it, and its key. */
export interface KeyPair {
  /** PEM. */
  readonly cert: string;
  /** PEM. */
  readonly key: string;
  /** When the certificate expires, in milliseconds since the epoch. */
  readonly expires: number;
}

/** readKeyPair checks that the two belong together. Throws an Error with the problem. */
export function readKeyPair(cert: string, key: string): KeyPair {
  const leaf = explained('the certificate', () => new X509Certificate(cert));
  const privateKey = explained('the private key', () => createPrivateKey(key));
  if (!leaf.checkPrivateKey(privateKey)) {
    throw new Error(`the private key is not that of the certificate for ${leaf.subject.replaceAll('\n', ', ')}`);
  }
  return { cert, key, expires: leaf.validToDate.getTime() };
}

function explained<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new Error(`${what} cannot be read; PEM is expected`, { cause: error });
  }
}
