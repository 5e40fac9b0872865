import { asObject, asString, asStringMap, field, type Json } from '../../objects/fields.ts';
import { ApiError } from '../api/api-error.ts';
import type { Client } from '../api/client.ts';
import { SECRETS } from '../api/resource.ts';

/** OwnSecret is a Secret as it was in one version of it. */
export interface OwnSecret {
  /** Decoded from base64, as UTF-8. */
  readonly data: Readonly<Record<string, string>>;
  readonly version: string;
  /** The whole object. */
  readonly json: Json;
}

/** readOwnSecret asks the API server for a Secret as it is now; undefined if there is none. */
export async function readOwnSecret(
  client: Client,
  namespace: string,
  name: string,
  signal: AbortSignal,
): Promise<OwnSecret | undefined> {
  try {
    const json = await client.get({ ...SECRETS, namespace }, name, { signal });
    const data = [...asStringMap(field(json, 'data'), 'data')].map(([key, value]) => [key, decoded(value)] as const);
    return { data: Object.fromEntries(data), version: versionOf(json), json };
  } catch (error) {
    if (error instanceof ApiError && error.isNotFound) return undefined;
    throw error;
  }
}

/**
 * replaceOwnSecret gives a Secret other data, if it is still the version that was read: otherwise, or if it is gone,
 * that is a `conflict`. It is never created. Throws ApiError for every other refusal.
 */
export async function replaceOwnSecret(
  client: Client,
  { json }: OwnSecret,
  data: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<'written' | 'conflict'> {
  const metadata = asObject(field(json, 'metadata'), 'metadata');
  const [namespace, name] = ['namespace', 'name'].map((key) => asString(field(metadata, key), `metadata.${key}`));
  const { managedFields: _, ...kept } = metadata;
  const encoded = Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')] as const);
  const object = { ...json, metadata: kept, data: Object.fromEntries(encoded) };
  return unlessConflict(client.update({ ...SECRETS, namespace: namespace ?? '' }, name ?? '', object, { signal }));
}

/** unlessConflict ends with the result of a write that names the version it replaces. */
export async function unlessConflict(write: Promise<unknown>): Promise<'written' | 'conflict'> {
  try {
    await write;
    return 'written';
  } catch (error) {
    if (error instanceof ApiError && (error.isConflict || error.isNotFound)) return 'conflict';
    throw error;
  }
}

/** versionOf reads the resourceVersion of an object. */
export function versionOf(json: Json): string {
  return asString(field(asObject(field(json, 'metadata'), 'metadata'), 'resourceVersion'), 'metadata.resourceVersion');
}

function decoded(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}
