import { isObject } from './fields.ts';

/**
 * blockYaml writes JSON as lines of YAML in block style, lists indented below their keys, as kubectl and its users do. It is
 * read as the same value by YAML 1.1 and 1.2.
 */
export function blockYaml(value: unknown): readonly string[] {
  if (Array.isArray(value) && value.length > 0) return value.flatMap(item);
  if (isObject(value) && Object.keys(value).length > 0) return Object.entries(value).flatMap(entry);
  return [scalar(value)];
}

function item(value: unknown): readonly string[] {
  const [first = '', ...others] = blockYaml(value);
  return [`- ${first}`, ...others.map((line) => `  ${line}`)];
}

function entry([key, value]: readonly [key: string, value: unknown]): readonly string[] {
  if (!isFilled(value)) return [`${scalar(key)}: ${scalar(value)}`];
  return [`${scalar(key)}:`, ...blockYaml(value).map((line) => `  ${line}`)];
}

function isFilled(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : isObject(value) && Object.keys(value).length > 0;
}

/** Begins with a letter, and has nothing in it that means something else in YAML. */
const PLAIN = /^[a-zA-Z][\w./-]*$/;

/** What YAML 1.1 reads as booleans and null. */
const RESERVED = /^(y|n|yes|no|on|off|true|false|null)$/i;

function scalar(value: unknown): string {
  return typeof value === 'string' && PLAIN.test(value) && !RESERVED.test(value) ? value : JSON.stringify(value);
}
