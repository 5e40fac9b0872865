import type { Faults } from './faults.ts';
import { asList, asObject, asString, asStringMap, field, type Json, onlyFields } from './fields.ts';
import { dnsLabelProblem, labelKeyProblem, labelValueProblem } from './names.ts';
import { childPath, describe } from './problem.ts';

/** TotalAnnotationSizeLimitB of k8s.io/apimachinery/pkg/api/validation, in bytes. */
const ANNOTATIONS_MAX = 262_144;

const TEXTS = ['creationTimestamp', 'deletionTimestamp', 'uid', 'resourceVersion', 'selfLink'];
const NUMBERS = ['deletionGracePeriodSeconds', 'generation'];
const FIELDS = [
  ...['name', 'generateName', 'namespace', 'labels', 'annotations'],
  ...TEXTS,
  ...NUMBERS,
  ...['finalizers', 'ownerReferences', 'managedFields'],
];

/** Naming is the rule for names of a kind. */
export interface Naming {
  /** Returns what is wrong with a name; undefined for nothing. */
  readonly problem: (name: string) => string | undefined;
  readonly namespaced: boolean;
}

/**
 * readMetadata reads the `metadata` of an object and returns it. A caller that wants all faults also gets what
 * ObjectMeta does not allow.
 */
export function readMetadata(object: Json, naming: Naming, faults: Faults): Json {
  const given = field(object, 'metadata');
  const metadata = asObject(given, 'metadata', faults);
  if (!faults.wantsAll) return metadata;
  if (given === undefined) faults.refused({ path: 'metadata', message: 'is missing; give a name in it' });
  else checkMetadata(metadata, naming, faults);
  return metadata;
}

function checkMetadata(metadata: Json, naming: Naming, faults: Faults): void {
  onlyFields(metadata, 'metadata', FIELDS, faults);
  checkNames(metadata, naming, faults);
  for (const [key, value] of asStringMap(field(metadata, 'labels'), 'metadata.labels', faults)) {
    checkLabel(key, value, 'metadata.labels', faults);
  }
  checkAnnotations(field(metadata, 'annotations'), faults);
  for (const key of TEXTS) if (field(metadata, key) !== undefined) asString(metadata[key], `metadata.${key}`, faults);
  for (const key of NUMBERS) checkInteger(field(metadata, key), `metadata.${key}`, faults);
  for (const [i, item] of asList(field(metadata, 'finalizers'), 'metadata.finalizers', faults).entries()) {
    asString(item ?? '', `metadata.finalizers[${i}]`, faults);
  }
  for (const key of ['ownerReferences', 'managedFields']) asList(field(metadata, key), `metadata.${key}`, faults);
}

function checkNames(metadata: Json, { problem, namespaced }: Naming, faults: Faults): void {
  const textAt = (key: string) => {
    const value = field(metadata, key);
    return value === undefined ? '' : asString(value, `metadata.${key}`, faults);
  };
  const check = (key: string, message: string | undefined) => {
    if (message !== undefined) faults.refused({ path: `metadata.${key}`, message });
  };
  const [name, prefix, namespace] = ['name', 'generateName', 'namespace'].map(textAt) as [string, string, string];
  if (name !== '') check('name', problem(name));
  // A generated name ends in five more characters, so the prefix may end in a dash.
  if (prefix !== '') check('generateName', problem(prefix.replace(/-$/, 'x')));
  if (namespace !== '' && namespaced) check('namespace', dnsLabelProblem(namespace));
  const isNamed = [field(metadata, 'name'), field(metadata, 'generateName')].some((given) => (given ?? '') !== '');
  if (!isNamed) check('name', 'is missing; give a name, or a generateName');
}

/** checkLabel reports, to callers that want all faults, what is wrong with a label of the map at this path. */
export function checkLabel(key: string, value: string, path: string, faults: Faults): void {
  const message = labelKeyProblem(key) ?? labelValueProblem(value);
  if (message !== undefined) faults.refused({ path: childPath(path, key), message });
}

function checkAnnotations(value: unknown, faults: Faults): void {
  const path = 'metadata.annotations';
  let size = 0;
  for (const [key, text] of asStringMap(value, path, faults)) {
    size += bytes(key) + bytes(text);
    const message = labelKeyProblem(key.toLowerCase());
    if (message !== undefined) faults.refused({ path: childPath(path, key), message, onKey: true });
  }
  if (size > ANNOTATIONS_MAX) {
    faults.refused({ path, message: `${size} bytes of annotations, at most ${ANNOTATIONS_MAX} are allowed` });
  }
}

function checkInteger(value: unknown, path: string, faults: Faults): void {
  if (value === undefined || Number.isSafeInteger(value)) return;
  faults.unreadable(path, `${describe(value)} where a whole number is expected`);
}

function bytes(text: string): number {
  return new TextEncoder().encode(text).length;
}
