import { field, isObject } from '../../objects/fields.ts';
import type { Opened } from './open-lists.ts';

/** A name that is no pattern: kustomize takes the kind of a target for a regular expression. */
const PLAIN = /^\w+$/;

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

/** changesPolicies tells whether a JSON patch may be one of NetworkPolicies: by the kind of its target, or by what it changes. */
export function changesPolicies(patch: unknown, targetKind: string | undefined): boolean {
  if (targetKind !== undefined && PLAIN.test(targetKind)) return targetKind === 'NetworkPolicy';
  const operations: readonly unknown[] = Array.isArray(patch) ? patch : [patch];
  return operations.some((operation) => {
    const path = isObject(operation) ? field(operation, 'path') : undefined;
    return typeof path === 'string' && /^(?:\/spec(?:\/(?:podSelector|policyTypes|ingress|egress)\b.*)?)?$/.test(path);
  });
}
