import { messageOf } from './message-of.ts';

const REASONS: ReadonlyMap<unknown, string> = new Map([
  ['ENOENT', 'there is no such file'],
  ['EISDIR', 'is a folder; name the file in it'],
  ['EACCES', 'may not be read by this user'],
]);

/** readFailure explains why a file could not be read, from the error of Node's `fs`. */
export function readFailure(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return REASONS.get(code) ?? `cannot be read: ${messageOf(error)}`;
}
