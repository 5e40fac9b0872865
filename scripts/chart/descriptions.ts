import { isMap, isScalar, type Pair, parseDocument, type YAMLMap } from 'yaml';
import type { JsonSchema } from '../../src/config/json-schema.ts';
import type { Properties } from './json-shapes.ts';

/**
 * withDescriptions returns a schema in which each key has the description above it in `values`, the text of
 * values.yaml, so that an editor shows what the file says. Throws an Error for a key that the schema does not have.
 */
export function withDescriptions(schema: JsonSchema, values: string): JsonSchema {
  const { contents } = parseDocument(values);
  if (!isMap(contents)) throw new Error('values.yaml is not a map');
  return describedMap(schema, contents, []);
}

function describedMap(schema: JsonSchema, map: YAMLMap, path: readonly string[]): JsonSchema {
  const properties = new Map(Object.entries(propertiesOf(schema)));
  for (const [index, pair] of map.items.entries()) {
    const key = keyOf(pair);
    const found = properties.get(key);
    if (found === undefined) throw new Error(`values.yaml: ${[...path, key].join('.')} is not in the schema`);
    const text = descriptionIn(commentAbove(pair, index === 0 ? map : undefined));
    const inner = isMap(pair.value) && hasProperties(found) ? describedMap(found, pair.value, [...path, key]) : found;
    properties.set(key, text === undefined ? inner : { description: text, ...inner });
  }
  return { ...schema, properties: Object.fromEntries(properties) };
}

/** described returns the keys of a map with their descriptions, by path; those of maps within it too. */
export function described(properties: Properties, descriptions: ReadonlyMap<string, string>, above = ''): Properties {
  return Object.fromEntries(
    Object.entries(properties).map(([key, schema]) => {
      const path = `${above}${key}`;
      const description = descriptions.get(path);
      const inner = hasProperties(schema)
        ? { ...schema, properties: described(propertiesOf(schema), descriptions, `${path}.`) }
        : schema;
      return [key, description === undefined ? inner : { description, ...inner }];
    }),
  );
}

/** The comment of a map's first key is the map's own. */
function commentAbove({ key }: Pair, map: YAMLMap | undefined): string {
  return (isScalar(key) ? key.commentBefore : undefined) ?? map?.commentBefore ?? '';
}

/** The last paragraph without its type, `-- (string)`; undefined if that is the heading of a group. */
function descriptionIn(comment: string): string | undefined {
  const paragraph = comment.split(/\n\s*\n/).at(-1) ?? '';
  if (paragraph.trim() === '' || paragraph.includes('=====')) return undefined;
  return paragraph
    .replace(/^ *@default -- .*$/m, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .replace(/^-- (?:\([^)]*\) )?/, '');
}

function keyOf({ key }: Pair): string {
  return isScalar(key) ? String(key.value) : String(key);
}

function hasProperties(schema: JsonSchema): boolean {
  return Object.keys(propertiesOf(schema)).length > 0;
}

function propertiesOf({ properties }: JsonSchema): Properties {
  return isSchemas(properties) ? properties : {};
}

function isSchemas(value: unknown): value is Properties {
  return typeof value === 'object' && value !== null;
}
