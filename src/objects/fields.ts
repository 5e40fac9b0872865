import { InvalidObject } from './invalid-object.ts';

/** Json is an object of unknown content. Its own keys may be anything, `__proto__` among them. */
export type Json = Readonly<Record<string, unknown>>;

/** isObject tells an object from lists, null and scalars. */
export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** field returns an own property; null counts as missing, as it does for the API server. */
export function field(object: Json, key: string): unknown {
  return Object.hasOwn(object, key) ? (object[key] ?? undefined) : undefined;
}

/** metadataOf returns the metadata of an object; none where there is nothing that is an object. */
export function metadataOf(object: unknown): Json {
  const metadata = isObject(object) ? field(object, 'metadata') : undefined;
  return isObject(metadata) ? metadata : {};
}

/** asObject accepts an object, or nothing (a null list item decodes to a zero struct). */
export function asObject(value: unknown, path: string): Json {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value))
    throw new InvalidObject(path, `${show(value)} is not an object`);
  return value as Json;
}

/** asList accepts a list, or nothing. */
export function asList(value: unknown, path: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new InvalidObject(path, `${show(value)} is not a list`);
  return value;
}

/** Of shorter lists it costs nothing to read all. */
const LONG = 64;

/** firstOfEach gives the items of a list with their places; of a long one that has the very same object twice, its first. */
export function firstOfEach(list: readonly unknown[]): Iterable<[number, unknown]> {
  return list.length < LONG ? list.entries() : firstOfEachObject(list);
}

function* firstOfEachObject(list: readonly unknown[]): Generator<[number, unknown]> {
  const seen = new Set<object>();
  for (const [i, item] of list.entries()) {
    if (typeof item === 'object' && item !== null) {
      if (seen.has(item)) continue;
      seen.add(item);
    }
    yield [i, item];
  }
}

export function asString(value: unknown, path: string): string {
  if (typeof value !== 'string') throw new InvalidObject(path, `${show(value)} is not a string`);
  return value;
}

/** asStringMap reads labels and their like; null decodes to an empty string. */
export function asStringMap(value: unknown, path: string): ReadonlyMap<string, string> {
  const map = new Map<string, string>();
  for (const [key, item] of Object.entries(asObject(value, path))) map.set(key, asString(item ?? '', `${path}.${key}`));
  return map;
}

/** show names a value for a message; what is nested may be too deep to print. */
export function show(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
