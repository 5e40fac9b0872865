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

/** childPath appends the key of an object, in brackets where dots or slashes would be misread. */
export function childPath(path: string, key: string): string {
  if (!/^[A-Za-z_][\w-]*$/.test(key)) return `${path}[${key}]`;
  return path === '' ? key : `${path}.${key}`;
}

/** show quotes a value for a message, as JSON and no longer than 60 characters. */
export function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
