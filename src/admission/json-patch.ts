/** JsonPatchOperation is one step of a JSON Patch (RFC 6902); of its kinds, those that labels need. */
export type JsonPatchOperation =
  | { readonly op: 'add'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

/** LabelChanges are labels to set, and those to remove as undefined. */
export type LabelChanges = ReadonlyMap<string, string | undefined>;

/**
 * labelPatch writes the changes of an object's labels as a JSON Patch of exactly that object, whose `metadata` or
 * `labels` may be absent or null; without a step for what is as wished already.
 */
export function labelPatch(object: unknown, changes: LabelChanges): readonly JsonPatchOperation[] {
  const metadata = member(object, 'metadata');
  const labels = member(metadata, 'labels');
  const wished = [...changes].filter(([key, value]) => member(labels, key) !== value);
  if (isObject(labels)) return wished.map(([key, value]) => step(pointer('metadata', 'labels', key), value));
  const added = wished.filter(([, value]) => value !== undefined);
  if (added.length === 0) return [];
  const value = Object.fromEntries(added);
  if (isObject(metadata)) return [step(pointer('metadata', 'labels'), value)];
  return [step(pointer('metadata'), { labels: value })];
}

/** applyPatch returns the document as the patch makes it, and leaves the one given as it is. Throws where a step fails. */
export function applyPatch(document: unknown, patch: readonly JsonPatchOperation[]): unknown {
  return patch.reduce((patched, operation) => applyAt(patched, keysOf(operation.path), operation), document);
}

function step(path: string, value: unknown): JsonPatchOperation {
  return value === undefined ? { op: 'remove', path } : { op: 'add', path, value };
}

function applyAt(value: unknown, [key = '', ...rest]: readonly string[], operation: JsonPatchOperation): unknown {
  if (!isObject(value)) throw new Error(`no object holds ${operation.path}`);
  const entries = new Map(Object.entries(value));
  if (rest.length > 0) entries.set(key, applyAt(entries.get(key), rest, operation));
  else if (operation.op === 'add') entries.set(key, operation.value);
  else if (!entries.delete(key)) throw new Error(`there is no ${operation.path} to remove`);
  // Keys may be anything, `__proto__` among them.
  return Object.fromEntries(entries);
}

/** RFC 6901: `~` is written `~0`, and `/` is written `~1`. */
function pointer(...keys: readonly string[]): string {
  return keys.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

function keysOf(path: string): readonly string[] {
  return path
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function member(value: unknown, key: string): unknown {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** isObject tells an object from lists, null and scalars. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
