import { field, isObject, type Json } from '../../objects/fields.ts';
import { DECIDING_LABELS, MOST_LABELS } from '../../policy/model/known-labels.ts';
import { FIELD_MANAGER, LABEL_PREFIX, MANAGED_LABELS } from '../../policy/model/labels.ts';

/** identityPart is the part of any object that is read: its identity. */
export function identityPart(object: unknown): unknown {
  return isObject(object) ? pick(object, ['apiVersion', 'kind']) : hollow(object);
}

/** policyPart is the part of a readable NetworkPolicy that is read; `isManaged` is whether it is managed. */
export function policyPart(object: unknown, isManaged: boolean): unknown {
  if (!isObject(object)) return hollow(object);
  const metadata = field(object, 'metadata');
  if (!isObject(metadata)) return { ...pick(object, ['apiVersion', 'kind']), spec: object['spec'] };
  const identity = pick(metadata, ['name', 'namespace', 'generateName', 'deletionTimestamp']);
  const managing = isManaged ? managedPart(metadata) : {};
  return { ...pick(object, ['apiVersion', 'kind']), metadata: { ...identity, ...managing }, spec: object['spec'] };
}

/** One owner is enough, and of managedFields only the managers. */
function managedPart(metadata: Json): Json {
  const { labels, ownerReferences, finalizers, managedFields } = metadata;
  const ours = listOf(managedFields).filter(
    (item) => isObject(item) && item['manager'] === FIELD_MANAGER && item['operation'] === 'Apply',
  );
  return {
    labels: isObject(labels) ? pick(labels, Object.keys(MANAGED_LABELS)) : undefined,
    ownerReferences: listOf(ownerReferences).slice(0, 1).map(hollow),
    finalizers,
    managedFields: ours.slice(0, 1).map((item) => pick(item as Json, ['manager', 'operation'])),
  };
}

/**
 * namespaceParts are the parts that are read of a Namespace and of the stored one. If there are too many labels, one
 * more than MOST_LABELS remains, so that this is visible: those that decide, the first invalid one, and netpol-guard's
 * own labels that only one of the two has.
 */
export function namespaceParts(object: unknown, oldObject: unknown): readonly [unknown, unknown] {
  const before = labelsIn(oldObject);
  const added = oursIn(labelsIn(object)).filter((key) => !Object.hasOwn(before, key));
  const after = namespacePart(object, added.slice(0, MOST_NAMED));
  return [after, namespacePart(oldObject, oursIn(labelsIn(after)))];
}

/** Many more than the warnings list. */
const MOST_NAMED = 100;

function namespacePart(object: unknown, alsoKept: readonly string[]): unknown {
  if (!isObject(object)) return hollow(object);
  const { metadata, status } = object;
  return {
    ...pick(object, ['apiVersion', 'kind']),
    ...(Object.hasOwn(object, 'metadata') && {
      metadata: isObject(metadata) ? named(metadata, alsoKept) : hollow(metadata),
    }),
    ...(Object.hasOwn(object, 'status') && { status: isObject(status) ? pick(status, ['phase']) : hollow(status) }),
  };
}

function named(metadata: Json, alsoKept: readonly string[]): Json {
  const { labels } = metadata;
  return {
    ...pick(metadata, ['name', 'generateName', 'deletionTimestamp']),
    ...(Object.hasOwn(metadata, 'labels') && { labels: isObject(labels) ? fewer(labels, alsoKept) : hollow(labels) }),
  };
}

/** In their order, since the message is about the first invalid one. */
function fewer(labels: Json, alsoKept: readonly string[]): Json {
  const keys = Object.keys(labels);
  const wrong = keys.find((key) => typeof (labels[key] ?? '') !== 'string');
  const kept = new Set([...DECIDING_LABELS, ...alsoKept, ...(wrong === undefined ? [] : [wrong])]);
  const found = keys.filter((key) => kept.has(key)).length;
  let room = MOST_LABELS + 1 - found;
  return pick(
    labels,
    keys.filter((key) => kept.has(key) || room-- > 0),
  );
}

function labelsIn(object: unknown): Json {
  const metadata = isObject(object) ? field(object, 'metadata') : undefined;
  const labels = isObject(metadata) ? field(metadata, 'labels') : undefined;
  return isObject(labels) ? labels : {};
}

function oursIn(labels: Json): readonly string[] {
  return Object.keys(labels).filter((key) => key.startsWith(LABEL_PREFIX));
}

/** Keys may be anything, even `__proto__`. */
function pick(object: Json, keys: readonly string[]): Json {
  return Object.fromEntries(keys.flatMap((key) => (Object.hasOwn(object, key) ? [[key, hollow(object[key])]] : [])));
}

/** A value that is not a string appears in messages only by its type. */
function hollow(value: unknown): unknown {
  if (Array.isArray(value)) return [];
  return isObject(value) ? {} : value;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
