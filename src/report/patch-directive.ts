import { childPath } from '../objects/field-path.ts';
import { field, isObject, type Json } from '../objects/fields.ts';
import type { Problem } from '../objects/problem.ts';

/**
 * patchDirective finds `$patch` and its like, which are for a strategic merge patch of kustomize: such an object is not
 * a whole object, so nothing else in it can be judged. undefined if there is none.
 */
export function patchDirective(object: Json): Problem | undefined {
  const spec = field(object, 'spec');
  const places: readonly (readonly [string, Json])[] = [
    ['', object],
    ...(isObject(spec) ? [['spec', spec] as const] : []),
  ];
  for (const [path, holder] of places) {
    const key = Object.keys(holder).find((name) => name.startsWith('$'));
    if (key === undefined) continue;
    const message = 'is for a patch, not for a whole object; lint what kustomize builds with it';
    return { path: childPath(path, key), message, onKey: true };
  }
  return undefined;
}
