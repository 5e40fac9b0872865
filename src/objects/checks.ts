import { childPath } from './field-path.ts';
import { isObject, type Json } from './fields.ts';
import { nearest } from './nearest.ts';
import { type Problem, show } from './problem.ts';

/**
 * Check looks at the value of one field and adds what the API server would refuse. A missing or null value has been
 * dealt with before: Go decodes both to the zero value.
 */
export type Check = (value: unknown, path: string, problems: Problem[]) => void;

/** Fields names every field that a Go struct has, with its check. */
export type Fields = Readonly<Record<string, Check>>;

/** object checks a struct: its fields, those it does not have, and then `whole`, what its fields mean together. */
export function object(fields: Fields, whole?: (value: Json, path: string, problems: Problem[]) => void): Check {
  const names = Object.keys(fields);
  return (value, path, problems) => {
    if (!isObject(value)) {
      problems.push({ path, message: `${describe(value)} where an object is wanted` });
      return;
    }
    for (const [key, item] of Object.entries(value)) {
      const check = Object.hasOwn(fields, key) ? fields[key] : undefined;
      if (check === undefined) problems.push(unknownField(key, childPath(path, key), names));
      else if (item !== null && item !== undefined) check(item, childPath(path, key), problems);
    }
    whole?.(value, path, problems);
  };
}

function unknownField(key: string, path: string, names: readonly string[]): Problem {
  const near = nearest(key, names);
  const hint = near === undefined ? `the fields here are ${names.join(', ')}` : `did you mean ${near}?`;
  return { path, message: `unknown field ${show(key)}; ${hint}`, onKey: true };
}

/** listOf checks each item; a null item is what Go makes of it, the zero value. */
export function listOf(item: Check, zero: unknown): Check {
  return (value, path, problems) => {
    if (!Array.isArray(value)) {
      problems.push({ path, message: `${describe(value)} where a list is wanted; put each item behind a dash` });
      return;
    }
    for (const [i, element] of value.entries()) item(element ?? zero, childPath(path, i), problems);
  };
}

/** mapOf checks a map of strings, such as labels. */
export function mapOf(entry: (key: string, value: string, path: string, problems: Problem[]) => void): Check {
  return (value, path, problems) => {
    if (!isObject(value)) {
      problems.push({ path, message: `${describe(value)} where a map of strings is wanted` });
      return;
    }
    for (const [key, item] of Object.entries(value)) {
      const text = item ?? '';
      if (typeof text === 'string') entry(key, text, childPath(path, key), problems);
      else problems.push({ path: childPath(path, key), message: notText(text) });
    }
  };
}

/** text checks a string; `problem` says what is wrong with its content. */
export function text(problem?: (value: string) => string | undefined): Check {
  return (value, path, problems) => {
    const message = typeof value === 'string' ? problem?.(value) : notText(value);
    if (message !== undefined) problems.push({ path, message });
  };
}

/** integer checks a whole number. */
export const integer: Check = (value, path, problems) => {
  if (!Number.isSafeInteger(value))
    problems.push({ path, message: `${describe(value)} where a whole number is wanted` });
};

/** unread passes a field that says nothing about networks, whatever is in it. */
export const unread: Check = () => {};

function notText(value: unknown): string {
  const problem = `${describe(value)} where a string is wanted`;
  if (typeof value === 'number') return `${problem}; put it in quotes`;
  if (typeof value !== 'boolean') return problem;
  return `${problem}; put it in quotes (YAML 1.1, as kubectl reads it, takes y, n, yes, no, on and off for booleans)`;
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return `${show(value)} is a list`;
  if (isObject(value)) return `${show(value)} is an object`;
  return `${show(value)} is a ${typeof value}`;
}
