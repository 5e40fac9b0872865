import { createPrivateKey, X509Certificate } from 'node:crypto';
import { isPathSecret, MOST_SECRETS, type PathSecrets } from './path-secrets.ts';
import { authoritiesIn, readAuthority } from './read-authority.ts';
import { readServingPair } from './serving-pair.ts';
import { type Authority, bundleOf, type DroppedAuthority, type SigningAuthority, type Trust } from './trust.ts';

/** TrustData is the content of a Secret, decoded from base64. */
export type TrustData = Readonly<Record<string, string>>;

/** What cannot be read from the certificates. Times are in milliseconds since the epoch. */
interface Rotation {
  readonly generation: number;
  readonly leavesUntil: number;
  /** By the id of the CA: until when it is trusted. */
  readonly previous: Readonly<Record<string, number>>;
  readonly dropped: readonly DroppedAuthority[];
}

/** The only curve that is signed with. */
const CURVE = 'prime256v1';

/** writeTrust writes what replicas share as the data of a Secret: PEM, so that openssl can read it, and JSON. */
export function writeTrust(trust: Trust): TrustData {
  const { authority, pair, next, previous, generation, leavesUntil, dropped, paths } = trust;
  const rotation: Rotation = {
    generation,
    leavesUntil,
    previous: Object.fromEntries(previous.map(({ authority: { id }, until }) => [id, until])),
    dropped,
  };
  return {
    'ca.crt': authority.cert,
    'ca.key': authority.key,
    'tls.crt': pair.cert,
    'tls.key': pair.key,
    ...(next && { 'next-ca.crt': next.cert, 'next-ca.key': next.key }),
    ...(previous.length > 0 && { 'previous-ca.crt': bundleOf(previous.map((one) => one.authority)) }),
    'rotation.json': JSON.stringify(rotation),
    ...(paths && { 'path-secrets.json': JSON.stringify(paths) }),
  };
}

/** readTrust reads it back. Throws an Error with what is missing, or does not belong together. */
export function readTrust(data: TrustData): Trust {
  if (Object.keys(data).length === 0) throw new Error('it is empty');
  const { generation, leavesUntil, previous, dropped } = explained('rotation.json', () =>
    rotationOf(JSON.parse(valueOf(data, 'rotation.json'))),
  );
  const authority = signing(data, 'ca');
  const pair = explained('tls.crt and tls.key', () =>
    readServingPair(valueOf(data, 'tls.crt'), valueOf(data, 'tls.key'), authority),
  );
  const older = authoritiesIn(data['previous-ca.crt'] ?? '');
  const paths = pathSecretsOf(data['path-secrets.json']);
  return {
    generation,
    authority,
    pair,
    leavesUntil,
    next: 'next-ca.crt' in data ? signing(data, 'next-ca') : undefined,
    previous: older.map((one) => ({ authority: one, until: previous[one.id] ?? one.expires })),
    dropped,
    paths,
  };
}

/** Corrupt ones count as missing: they are created again, and certificates are not affected. */
function pathSecretsOf(text: string | undefined): PathSecrets | undefined {
  const value = text === undefined ? undefined : jsonIn(text);
  if (!isRecord(value)) return undefined;
  const { secrets, made, freshUntil, plainUntil } = value;
  if (!isTime(made) || !isTime(freshUntil) || !isTime(plainUntil) || !Array.isArray(secrets)) return undefined;
  const known = secrets.filter((one): one is string => typeof one === 'string' && isPathSecret(one));
  return known.length === 0 ? undefined : { secrets: known.slice(0, MOST_SECRETS), made, freshUntil, plainUntil };
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function signing(data: TrustData, name: 'ca' | 'next-ca'): SigningAuthority {
  return explained(`${name}.crt and ${name}.key`, () => {
    const authority: Authority = readAuthority(valueOf(data, `${name}.crt`));
    const key = valueOf(data, `${name}.key`);
    const privateKey = createPrivateKey(key);
    if (!new X509Certificate(authority.cert).checkPrivateKey(privateKey))
      throw new Error('the key is not that of the CA');
    if (privateKey.asymmetricKeyDetails?.namedCurve !== CURVE) throw new Error(`a key of ${CURVE} is expected`);
    return { ...authority, key };
  });
}

function valueOf(data: TrustData, key: string): string {
  const value = data[key];
  if (value === undefined) throw new Error('missing');
  return value;
}

function rotationOf(value: unknown): Rotation {
  if (!isRecord(value)) throw new Error('an object is expected');
  const { generation, leavesUntil, previous, dropped } = value;
  if (!isTime(generation) || !isTime(leavesUntil) || !isRecord(previous) || !Array.isArray(dropped)) {
    throw new Error('generation, leavesUntil, previous and dropped are expected');
  }
  return {
    generation,
    leavesUntil,
    previous: Object.fromEntries(
      Object.entries(previous).flatMap(([id, until]) => (isTime(until) ? [[id, until] as const] : [])),
    ),
    dropped: dropped.filter(isDropped),
  };
}

function isDropped(value: unknown): value is DroppedAuthority {
  return isRecord(value) && typeof value['id'] === 'string' && isTime(value['expires']);
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(Math.floor(value)) && value >= 0;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function explained<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new Error(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
