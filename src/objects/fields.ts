import { type Faults, FIRST_FAULT } from './faults.ts';
import { nearest } from './nearest.ts';
import { childPath, describe, show } from './problem.ts';

/** Json is an object of unknown content. Its own keys may be anything, even `__proto__`. */
export type Json = Readonly<Record<string, unknown>>;

/** isObject distinguishes an object from lists, null and scalars. */
export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** field returns an own property; null counts as missing, as it does for the API server. */
export function field(object: Json, key: string): unknown {
  return Object.hasOwn(object, key) ? (object[key] ?? undefined) : undefined;
}

/** metadataOf returns the metadata of an object; none if it is not an object. */
export function metadataOf(object: unknown): Json {
  const metadata = isObject(object) ? field(object, 'metadata') : undefined;
  return isObject(metadata) ? metadata : {};
}

/** asObject accepts an object, or nothing: a null list item decodes to a zero struct. */
export function asObject(value: unknown, path: string, faults: Faults = FIRST_FAULT): Json {
  if (isObject(value)) return value;
  if (value !== undefined && value !== null) {
    faults.unreadable(path, `${describe(value)} where an object is expected`);
  }
  return {};
}

/** asList accepts a list, or nothing. */
export function asList(value: unknown, path: string, faults: Faults = FIRST_FAULT): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (value !== undefined && value !== null) {
    faults.unreadable(path, `${describe(value)} where a list is expected; put each item after a dash`);
  }
  return [];
}

/** Reading all items of shorter lists costs nothing. */
const LONG = 64;

/**
 * firstOfEach gives the items of a list with their places; for a long one that contains the identical object twice, the
 * first place.
 */
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

/** asString accepts a string. */
export function asString(value: unknown, path: string, faults: Faults = FIRST_FAULT): string {
  if (typeof value === 'string') return value;
  faults.unreadable(path, value === undefined ? 'is missing' : noString(value));
  return '';
}

function noString(value: unknown): string {
  const problem = `${describe(value)} where a string is expected`;
  if (typeof value === 'number') return `${problem}; put it in quotes`;
  if (typeof value !== 'boolean') return problem;
  return `${problem}; put it in quotes (YAML 1.1, as kubectl reads it, takes y, n, yes, no, on and off for booleans)`;
}

/** asStringMap reads labels and their like; null decodes to an empty string. */
export function asStringMap(value: unknown, path: string, faults: Faults = FIRST_FAULT): ReadonlyMap<string, string> {
  const map = new Map<string, string>();
  const object = isObject(value) ? value : asObject(value, path, faults);
  for (const key of Object.keys(object)) {
    const item = object[key] ?? '';
    map.set(key, typeof item === 'string' ? item : asString(item, childPath(path, key), faults));
  }
  return map;
}

/** onlyFields reports, to callers that want all faults, the fields that a Go struct with these fields lacks. */
export function onlyFields(object: Json, path: string, names: readonly string[], faults: Faults): void {
  if (!faults.wantsAll) return;
  for (const key of Object.keys(object)) {
    if (names.includes(key)) continue;
    const near = nearest(key, names);
    const hint = near === undefined ? `the fields here are ${names.join(', ')}` : `did you mean ${near}?`;
    faults.refused({ path: childPath(path, key), message: `unknown field ${show(key)}; ${hint}`, onKey: true });
  }
}
