import type { FieldPath } from './field-path.ts';

/** pointerTo spells the place of a value within JSON (RFC 6901): `~` is written `~0`, and `/` is written `~1`. */
export function pointerTo(...path: FieldPath): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** keysOf returns the keys that a pointer goes through. */
export function keysOf(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
}
