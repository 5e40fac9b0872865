export { childPath } from './field-path.ts';

/** Problem is one thing about an object that the API server would refuse, or will once it is newer. */
export interface Problem {
  /** Path of the field, such as `spec.egress[0].ports[1].port`. */
  readonly path: string;
  /** What is wrong with its value and what is allowed; a clause without the path. */
  readonly message: string;
  /** Holds where only newer API servers refuse it, so that it is warned of and the object judged. */
  readonly tolerated?: boolean;
  /** Holds where the field's name is at fault and not its value. */
  readonly onKey?: boolean;
}

/** show quotes a value for a message, as JSON and no longer than 60 characters. */
export function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
