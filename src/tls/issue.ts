import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import {
  bitString,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  setOf,
  tagged,
  taggedBytes,
  time,
  utf8String,
  yes,
} from './der.ts';

/** Issued is a certificate with its key; both also as PEM, for files and servers. */
export interface Issued {
  readonly cert: string;
  readonly key: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** DER of the name that it is issued to. */
  readonly subject: Buffer;
}

/** Validity is when a certificate holds, in milliseconds since the epoch. */
export interface Validity {
  readonly notBefore: number;
  readonly notAfter: number;
}

/** Hosts are the names and addresses that a serving certificate is for. */
export interface Hosts {
  readonly dnsNames: readonly string[];
  /** Four or sixteen bytes each. */
  readonly addresses: readonly Uint8Array[];
}

/** ecdsa-with-SHA256 (RFC 5758). */
const SIGNATURE_ALGORITHM = sequence(objectIdentifier('1.2.840.10045.4.3.2'));
const VERSION_3 = tagged(0, integer(Buffer.of(2)));

/** issueAuthority makes a CA of its own, which may sign serving certificates and nothing below. ECDSA P-256. */
export function issueAuthority(commonName: string, validity: Validity): Issued {
  const keys = newKeys();
  const subject = nameOf(commonName);
  return certificate({ ...keys, subject, validity, issuer: { subject, ...keys } }, [
    extension('2.5.29.19', sequence(yes(), integer(Buffer.of(0))), 'critical'),
    // keyCertSign and cRLSign.
    extension('2.5.29.15', bitString(Buffer.of(0b0000_0110), 1), 'critical'),
  ]);
}

/** issueServing makes a certificate for a TLS server, signed by the authority. ECDSA P-256. */
export function issueServing(commonName: string, hosts: Hosts, validity: Validity, authority: Issued): Issued {
  const names = [
    ...hosts.dnsNames.map((name) => taggedBytes(2, Buffer.from(name, 'ascii'))),
    ...hosts.addresses.map((bytes) => taggedBytes(7, bytes)),
  ];
  return certificate({ ...newKeys(), subject: nameOf(commonName), validity, issuer: authority }, [
    extension('2.5.29.19', sequence(), 'critical'),
    // digitalSignature.
    extension('2.5.29.15', bitString(Buffer.of(0b1000_0000), 7), 'critical'),
    // serverAuth.
    extension('2.5.29.37', sequence(objectIdentifier('1.3.6.1.5.5.7.3.1'))),
    extension('2.5.29.17', sequence(...names)),
  ]);
}

interface Draft {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly subject: Buffer;
  readonly validity: Validity;
  readonly issuer: Pick<Issued, 'subject' | 'privateKey' | 'publicKey'>;
}

/** RFC 5280, 4.1. */
function certificate({ privateKey, publicKey, subject, validity, issuer }: Draft, extensions: Buffer[]): Issued {
  const body = sequence(
    VERSION_3,
    integer(randomBytes(16)),
    SIGNATURE_ALGORITHM,
    issuer.subject,
    sequence(time(validity.notBefore), time(validity.notAfter)),
    subject,
    derOf(publicKey),
    tagged(
      3,
      sequence(
        ...extensions,
        extension('2.5.29.14', octetString(keyIdentifier(publicKey))),
        extension('2.5.29.35', sequence(taggedBytes(0, keyIdentifier(issuer.publicKey)))),
      ),
    ),
  );
  const signature = sign('sha256', body, issuer.privateKey);
  return {
    cert: pem(sequence(body, SIGNATURE_ALGORITHM, bitString(signature))),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    privateKey,
    publicKey,
    subject,
  };
}

function newKeys() {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

function nameOf(commonName: string): Buffer {
  return sequence(setOf(sequence(objectIdentifier('2.5.4.3'), utf8String(commonName))));
}

function extension(id: string, content: Buffer, critical?: 'critical'): Buffer {
  return sequence(objectIdentifier(id), ...(critical ? [yes()] : []), octetString(content));
}

function derOf(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' });
}

/** Any digest of the key will do (RFC 7093, 2); this one is twenty bytes, as most are. */
function keyIdentifier(key: KeyObject): Buffer {
  return createHash('sha256').update(derOf(key)).digest().subarray(0, 20);
}

function pem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
