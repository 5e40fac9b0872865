import { isObject } from './fields.ts';
import { keysOf, pointerTo } from './json-pointer.ts';
/** LabelStep is one step of a JSON Patch (RFC 6902) that changes a label. */
export type LabelStep =
  | { readonly op: 'add'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

/** JsonPatchOperation is one step of a JSON Patch; a `test` fails the whole patch. */
export type JsonPatchOperation = LabelStep | { readonly op: 'test'; readonly path: string; readonly value: unknown };

/** LabelChanges are labels to set, and those to remove as undefined. */
export type LabelChanges = ReadonlyMap<string, string | undefined>;

/**
 * labelPatch writes the changes of an object's labels as a JSON Patch of exactly that object, whose `metadata` or
 * `labels` may be absent or null; without steps for labels that are already right.
 */
export function labelPatch(object: unknown, changes: LabelChanges): readonly LabelStep[] {
  const metadata = member(object, 'metadata');
  const labels = member(metadata, 'labels');
  const wished = [...changes].filter(([key, value]) => member(labels, key) !== value);
  if (isObject(labels)) return wished.map(([key, value]) => step(pointerTo('metadata', 'labels', key), value));
  const added = wished.filter(([, value]) => value !== undefined);
  if (added.length === 0) return [];
  const value = Object.fromEntries(added);
  if (isObject(metadata)) return [step(pointerTo('metadata', 'labels'), value)];
  return [step(pointerTo('metadata'), { labels: value })];
}

/** applyPatch returns the patched document, and does not change the given one. Throws if a step fails. */
export function applyPatch(document: unknown, patch: readonly LabelStep[]): unknown {
  return patch.reduce((patched, operation) => applyAt(patched, keysOf(operation.path), operation), document);
}

function step(path: string, value: unknown): LabelStep {
  return value === undefined ? { op: 'remove', path } : { op: 'add', path, value };
}

function applyAt(value: unknown, [key = '', ...rest]: readonly string[], operation: LabelStep): unknown {
  if (!isObject(value)) throw new Error(`no object holds ${operation.path}`);
  const entries = new Map(Object.entries(value));
  if (rest.length > 0) entries.set(key, applyAt(entries.get(key), rest, operation));
  else if (operation.op === 'add') entries.set(key, operation.value);
  else if (!entries.delete(key)) throw new Error(`there is no ${operation.path} to remove`);
  // Keys may be anything, even `__proto__`.
  return Object.fromEntries(entries);
}

function member(value: unknown, key: string): unknown {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}
