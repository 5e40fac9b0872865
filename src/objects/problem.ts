export { childPath } from './field-path.ts';

/** Problem is one fault of an object that the API server would refuse, or that a newer one will refuse. */
export interface Problem {
  /** Path of the field, such as `spec.egress[0].ports[1].port`; empty for the object itself. */
  readonly path: string;
  /** What is wrong with its value and what is allowed; a clause without the path. */
  readonly message: string;
  /** Whether only newer API servers refuse it, so that it is a warning and the object is judged. */
  readonly tolerated?: boolean | undefined;
  /** Whether the field's name is at fault and not its value. */
  readonly onKey?: boolean | undefined;
}

/** The most characters of a value in a message. */
const MOST_SHOWN = 60;

/** show quotes a value for a message, as JSON and no longer than 60 characters. The work is bounded, whatever the value. */
export function show(value: unknown): string {
  const text = spell(value, MOST_SHOWN + 1);
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN - 3)}...` : text;
}

/** Writes JSON of which only so many characters need to be right. */
function spell(value: unknown, room: number): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, room));
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined';
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  let text = `${open}`;
  // for-in, since the keys of a large object need not all be listed.
  for (const key in value) {
    const left = room - text.length;
    if (left <= 0) return text;
    const item = spell((value as Readonly<Record<string, unknown>>)[key], left);
    text += `${text.length > 1 ? ',' : ''}${Array.isArray(value) ? '' : `${spell(key, left)}:`}${item}`;
  }
  return `${text}${close}`;
}

/**
 * describe describes a value, for a message about what was expected: `"all" is a string`. The content of a list or an
 * object does not matter, and in a large review it is not even known.
 */
export function describe(value: unknown): string {
  if (Array.isArray(value)) return 'is a list';
  if (typeof value === 'object' && value !== null) return 'is an object';
  return `${show(value)} is a ${typeof value}`;
}
