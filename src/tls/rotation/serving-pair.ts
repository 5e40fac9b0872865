import { X509Certificate } from 'node:crypto';
import { canonicalName } from '../x509/host-name.ts';
import { readKeyPair } from '../x509/key-pair.ts';
import { BACKDATED_MS } from './read-authority.ts';
import type { Authority, ServingPair } from './trust.ts';

/** readServingPair reads a pair (PEM) that the authority has signed. Throws an Error with the problem. */
export function readServingPair(cert: string, key: string, { id, cert: signer }: Authority): ServingPair {
  const pair = readKeyPair(cert, key);
  const [leaf, authority] = [new X509Certificate(cert), new X509Certificate(signer)];
  if (!leaf.checkIssued(authority) || !leaf.verify(authority.publicKey)) {
    throw new Error('the certificate is not signed by the CA');
  }
  const names = (leaf.subjectAltName ?? '').split(', ').map((name) => name.replace(/^(DNS|IP Address):/, ''));
  return { ...pair, issuer: id, issued: leaf.validFromDate.getTime() + BACKDATED_MS, names: names.map(canonicalName) };
}
