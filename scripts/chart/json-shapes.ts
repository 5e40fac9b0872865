import type { JsonSchema } from '../../src/config/json-schema.ts';

/** Properties are the keys that a map may have; no others. */
export type Properties = Readonly<Record<string, JsonSchema>>;

/** closed is a map of only these keys. */
export function closed(properties: Properties): JsonSchema {
  return { type: 'object', additionalProperties: false, properties };
}

/** listOf is a list of such items. */
export function listOf(items: JsonSchema): JsonSchema {
  return { type: 'array', items };
}

/** orNothing allows an empty string too: the value in values.yaml if nothing is set. */
export function orNothing(schema: JsonSchema): JsonSchema {
  return { anyOf: [{ const: '' }, schema] };
}

/** oneOf is a choice of words. */
export function oneOf(...words: readonly string[]): JsonSchema {
  return { enum: words };
}

export const TEXT: JsonSchema = { type: 'string' };
export const NAME: JsonSchema = { type: 'string', minLength: 1 };
export const SWITCH: JsonSchema = { type: 'boolean' };
/** Kubernetes' own objects, which the API server checks. */
export const OBJECT: JsonSchema = { type: 'object' };
export const OBJECTS: JsonSchema = listOf(OBJECT);
/** As labels and annotations are. */
export const TEXTS: JsonSchema = { type: 'object', additionalProperties: TEXT };
export const PORT: JsonSchema = { type: 'integer', minimum: 1024, maximum: 65535 };
/** RFC 1123: no glob, since a namespaceSelector knows none. */
export const NAMESPACES: JsonSchema = listOf({ type: 'string', pattern: '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$' });

/** atLeast is a whole number, none smaller than `minimum`. */
export function atLeast(minimum: number): JsonSchema {
  return { type: 'integer', minimum };
}
