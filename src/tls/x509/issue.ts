import {
  createHash,
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  X509Certificate,
} from 'node:crypto';
import type * as Asn1 from 'asn1js';
import type * as Pki from 'pkijs';

/** Issued is a certificate with its key; both PEM. */
export interface Issued {
  readonly cert: string;
  readonly key: string;
}

/** Validity is when a certificate is valid, in milliseconds since the epoch. */
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

const ECDSA = { name: 'ECDSA', namedCurve: 'P-256' };

/** issueAuthority makes a CA of its own, which may sign serving certificates and nothing below. ECDSA P-256. */
export async function issueAuthority(commonName: string, validity: Validity): Promise<Issued> {
  const x509 = await load();
  const draft = newDraft(x509, commonName, validity);
  draft.certificate.issuer = draft.certificate.subject;
  // keyCertSign and cRLSign.
  return sign(x509, draft, draft.keys, [
    extension(x509, '2.5.29.19', new x509.pki.BasicConstraints({ cA: true, pathLenConstraint: 0 }).toSchema(), true),
    extension(x509, '2.5.29.15', bits(x509, 0b0000_0110, 1), true),
  ]);
}

/** issueServing makes a certificate for a TLS server, signed by the authority. ECDSA P-256. */
export async function issueServing(
  commonName: string,
  { dnsNames, addresses }: Hosts,
  validity: Validity,
  authority: Issued,
): Promise<Issued> {
  const x509 = await load();
  const { asn1, pki } = x509;
  const draft = newDraft(x509, commonName, validity);
  const { raw, publicKey } = new X509Certificate(authority.cert);
  draft.certificate.issuer = pki.Certificate.fromBER(raw).subject;
  const names = new pki.GeneralNames({
    names: [
      ...dnsNames.map((value) => new pki.GeneralName({ type: 2, value })),
      ...addresses.map((valueHex) => new pki.GeneralName({ type: 7, value: new asn1.OctetString({ valueHex }) })),
    ],
  });
  return sign(x509, draft, { privateKey: createPrivateKey(authority.key), publicKey }, [
    extension(x509, '2.5.29.19', new pki.BasicConstraints({ cA: false }).toSchema(), true),
    // digitalSignature.
    extension(x509, '2.5.29.15', bits(x509, 0b1000_0000, 7), true),
    // serverAuth.
    extension(x509, '2.5.29.37', new pki.ExtKeyUsage({ keyPurposes: ['1.3.6.1.5.5.7.3.1'] }).toSchema()),
    extension(x509, '2.5.29.17', names.toSchema()),
  ]);
}

interface X509 {
  readonly asn1: typeof Asn1;
  readonly pki: typeof Pki;
}

/** Loaded only to make certificates, which is rare: it is as large as the rest of the program together. */
async function load(): Promise<X509> {
  const [asn1, pki] = await Promise.all([import('asn1js'), import('pkijs')]);
  return { asn1, pki };
}

interface Draft {
  readonly certificate: Pki.Certificate;
  readonly keys: Keys;
}

interface Keys {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** A certificate of version 3 with a new key, as far as it does not depend on the signer (RFC 5280, 4.1). */
function newDraft({ asn1, pki }: X509, commonName: string, { notBefore, notAfter }: Validity): Draft {
  const keys = generateKeyPairSync('ec', { namedCurve: ECDSA.namedCurve });
  const certificate = new pki.Certificate();
  certificate.version = 2;
  certificate.serialNumber = new asn1.Integer({ valueHex: positiveNumber() });
  const value = new asn1.Utf8String({ value: commonName });
  certificate.subject.typesAndValues.push(new pki.AttributeTypeAndValue({ type: '2.5.4.3', value }));
  certificate.notBefore = timeOf(pki, notBefore);
  certificate.notAfter = timeOf(pki, notAfter);
  certificate.subjectPublicKeyInfo = pki.PublicKeyInfo.fromBER(derOf(keys.publicKey));
  return { certificate, keys };
}

async function sign(
  x509: X509,
  { certificate, keys }: Draft,
  signer: Keys,
  extensions: Pki.Extension[],
): Promise<Issued> {
  const { asn1, pki } = x509;
  const identifier = new asn1.OctetString({ valueHex: keyIdentifier(keys.publicKey) });
  const authority = new pki.AuthorityKeyIdentifier({
    keyIdentifier: new asn1.OctetString({ valueHex: keyIdentifier(signer.publicKey) }),
  });
  certificate.extensions = [
    ...extensions,
    extension(x509, '2.5.29.14', identifier),
    extension(x509, '2.5.29.35', authority.toSchema()),
  ];
  await certificate.sign(signer.privateKey.toCryptoKey(ECDSA, false, ['sign']), 'SHA-256');
  return {
    cert: new X509Certificate(Buffer.from(certificate.toSchema(true).toBER())).toString(),
    key: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

function extension({ pki }: X509, extnID: string, content: { toBER(): ArrayBuffer }, critical = false): Pki.Extension {
  return new pki.Extension({ extnID, critical, extnValue: content.toBER() });
}

function bits({ asn1 }: X509, byte: number, unusedBits: number): Asn1.BitString {
  return new asn1.BitString({ valueHex: Uint8Array.of(byte).buffer, unusedBits });
}

/** To the second: UTCTime before 2050 and GeneralizedTime from then on (RFC 5280, 4.1.2.5). */
function timeOf(pki: typeof Pki, milliseconds: number): Pki.Time {
  const value = new Date(Math.floor(milliseconds / 1000) * 1000);
  const { UTCTime, GeneralizedTime } = pki.TimeType;
  return new pki.Time({ type: value.getUTCFullYear() < 2050 ? UTCTime : GeneralizedTime, value });
}

/** Sixteen random bytes; the first makes it neither negative nor shorter. */
function positiveNumber(): ArrayBuffer {
  return Uint8Array.of(0x40 | ((randomBytes(1)[0] ?? 0) >> 2), ...randomBytes(15)).buffer;
}

/** Any digest of the key is allowed (RFC 7093, 2); this one is twenty bytes, as most are. */
function keyIdentifier(key: KeyObject): ArrayBuffer {
  return Uint8Array.from(createHash('sha256').update(derOf(key)).digest().subarray(0, 20)).buffer;
}

function derOf(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' });
}
