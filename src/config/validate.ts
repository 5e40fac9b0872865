import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { didYouMean } from '../objects/did-you-mean.ts';
import type { FieldPath } from '../objects/field-path.ts';
import { keysOf } from '../objects/json-pointer.ts';
import { nearest } from '../objects/nearest.ts';
import { show } from '../objects/problem.ts';
import { DNS_PRESETS } from '../policy/dns/presets.ts';
import { RULES } from '../policy/rules/index.ts';
import type { GuardConfiguration } from './configuration.ts';
import { isCidr, parseFraction, parseTime } from './formats.ts';
import type { JsonSchema } from './json-schema.ts';
import { type Fault, faultAt, pathOf } from './problem.ts';
import { configurationSchema } from './schema.ts';

/** ValidatedConfiguration is a checked configuration with its defaults, or everything that is wrong with it. */
export type ValidatedConfiguration =
  | { readonly configuration: GuardConfiguration; readonly faults?: never }
  | { readonly configuration?: never; readonly faults: readonly Fault[] };

/** validate checks a value against the schema and fills the defaults in, in place. */
export function validate(value: unknown): ValidatedConfiguration {
  const check = compiled();
  if (check(value)) {
    spellOff(value);
    return { configuration: value };
  }
  return { faults: (check.errors ?? []).filter(isOwn).map((error) => faultOf(error, value)) };
}

const SCHEMA = configurationSchema({ rules: RULES.map(({ id }) => id), presets: [...DNS_PRESETS.keys()] });

const KNOWN_PATHS = knownPaths(SCHEMA);

/** defaultConfiguration is the result of validate for an empty value, without the cost of compiling the schema. */
export function defaultConfiguration(): GuardConfiguration {
  return defaultsOf(SCHEMA) as GuardConfiguration;
}

function defaultsOf(schema: unknown): object {
  return Object.fromEntries(
    Object.entries(propertiesOf(schema)).map(([key, property]) => {
      const value: unknown = structuredClone(ownOf(property, 'default'));
      return [key, ownOf(property, 'properties') === undefined ? value : defaultsOf(property)];
    }),
  );
}

let checker: ValidateFunction<GuardConfiguration> | undefined;

/** The schema itself is checked by a test, since that takes as long again. */
function compiled(): ValidateFunction<GuardConfiguration> {
  const options = { allErrors: true, verbose: true, useDefaults: true, strictTypes: false };
  checker ??= new Ajv({ ...options, meta: false, validateSchema: false })
    .addFormat('cidr', isCidr)
    .addFormat('fraction', (text) => parseFraction(text) !== undefined)
    .addFormat('rfc3339', (text) => parseTime(text) !== undefined)
    .compile<GuardConfiguration>(SCHEMA);
  return checker;
}

/** YAML 1.1 reads an unquoted `off` as false: the schema takes both, the program knows one. */
function spellOff(value: object): void {
  for (const key of ['enforce', 'warn', 'audit'])
    if (ownOf(value, key) === false) Object.assign(value, { [key]: 'off' });
  const rules = ownOf(value, 'rules');
  if (typeof rules !== 'object' || rules === null) return;
  for (const [id, effect] of Object.entries(rules)) if (effect === false) Object.assign(rules, { [id]: 'off' });
}

/** A failure within an alternative, or about a key's spelling, is part of the error of the whole. */
function isOwn(error: ErrorObject): boolean {
  return (
    error.keyword !== 'if' &&
    !/\/(oneOf|anyOf|not)\//.test(error.schemaPath) &&
    !('propertyName' in error && error.propertyName !== undefined)
  );
}

function faultOf(error: ErrorObject, root: unknown): Fault {
  const segments = segmentsOf(error.instancePath, root);
  const { keyword, params } = error;
  if (keyword === 'additionalProperties' || keyword === 'propertyNames') {
    const key = String(params['additionalProperty'] ?? params['propertyName']);
    return faultAt([...segments, key], unknownKey(segments, key, error));
  }
  if (keyword === 'required') {
    const key = String(params['missingProperty']);
    return faultAt([...segments, key], `is missing; expected ${titleOf(propertyOf(error.parentSchema, key))}`);
  }
  return faultAt(segments, wrongValue(error));
}

function unknownKey(segments: FieldPath, key: string, error: ErrorObject): string {
  if (error.keyword === 'propertyNames') {
    const allowed = ownOf(error.schema, 'enum');
    return Array.isArray(allowed)
      ? `unknown rule; ${didYouMean(key, allowed.map(String), 'netpol-guard explain lists all')}`
      : 'is not a lower-case DNS label';
  }
  const siblings = Object.keys(propertiesOf(error.parentSchema));
  const elsewhere = KNOWN_PATHS.find((path) => path.split('.').at(-1) === key);
  if (elsewhere !== undefined) return `unknown key; did you mean ${elsewhere}?`;
  const meant = nearest(key, siblings);
  if (meant !== undefined) return `unknown key; did you mean ${pathOf([...segments, meant])}?`;
  const misplaced = nearest(
    key,
    KNOWN_PATHS.map((path) => path.split('.').at(-1) ?? ''),
  );
  const there = misplaced && KNOWN_PATHS.find((path) => path.split('.').at(-1) === misplaced);
  return there === undefined
    ? `unknown key; known here: ${siblings.join(', ')}`
    : `unknown key; did you mean ${there}?`;
}

function wrongValue(error: ErrorObject): string {
  const { keyword, data, parentSchema, schema } = error;
  if (keyword === 'enum' && Array.isArray(schema)) {
    const words = schema.filter((word) => typeof word === 'string');
    return unknownWord(`${show(data)} is unknown`, typeof data === 'string' ? data : '', words);
  }
  if (keyword === 'minItems') return 'is empty; leave the key out or name at least one';
  return `${show(data)} is not ${titleOf(parentSchema)}`;
}

function unknownWord(problem: string, word: string, known: readonly unknown[]): string {
  const words = known.map(String);
  return `${problem}; ${didYouMean(word, words, `known: ${words.join(', ')}`)}`;
}

/** segmentsOf reads a JSON pointer; a segment in a list becomes an index. */
function segmentsOf(pointer: string, root: unknown): FieldPath {
  const segments: (string | number)[] = [];
  let value = root;
  for (const key of keysOf(pointer)) {
    segments.push(Array.isArray(value) ? Number(key) : key);
    value = typeof value === 'object' && value !== null ? ownOf(value, key) : undefined;
  }
  return segments;
}

/** knownPaths lists every key of the schema by its path, such as `dnsBlocked.grace`. */
function knownPaths(schema: JsonSchema): readonly string[] {
  return Object.entries(propertiesOf(schema)).flatMap(([key, property]) => [
    key,
    ...knownPaths(property as JsonSchema).map((path) => `${key}.${path}`),
  ]);
}

function propertiesOf(schema: unknown): object {
  const properties = ownOf(schema, 'properties');
  return typeof properties === 'object' && properties !== null ? properties : {};
}

function propertyOf(schema: unknown, key: string): unknown {
  return ownOf(propertiesOf(schema), key);
}

function titleOf(schema: unknown): string {
  const title = ownOf(schema, 'title');
  return typeof title === 'string' ? title : 'a value';
}

function ownOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Object.getOwnPropertyDescriptor(value, key)?.value : undefined;
}
