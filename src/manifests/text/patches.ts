import { field, isObject } from '../../objects/fields.ts';
import type { Opened } from './open-lists.ts';

/**
 * isPartOfPolicy holds for a NetworkPolicy that names no pods, or that has a directive of a strategic merge patch. Whatever names
 * the pods that it is for is a whole policy, since kubectl would apply it as one.
 */
export function isPartOfPolicy({ apiVersion, kind, value }: Opened): boolean {
  if (kind !== 'NetworkPolicy' || !apiVersion.startsWith('networking.k8s.io/')) return false;
  const spec = field(value, 'spec') ?? {};
  if (!isObject(spec)) return false;
  return (field(spec, 'podSelector') ?? undefined) === undefined || hasDirective(value) || hasDirective(spec);
}

function hasDirective(value: object): boolean {
  return Object.keys(value).some((key) => key.startsWith('$'));
}
