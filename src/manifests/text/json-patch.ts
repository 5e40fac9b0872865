import { field, isObject } from '../../objects/fields.ts';

/** A name that is no pattern: kustomize takes the kind of a target for a regular expression. */
const PLAIN = /^\w+$/;

/** What a NetworkPolicy has in its spec, or the whole of it. */
const OF_POLICIES = /^(?:\/spec(?:\/(?:podSelector|policyTypes|ingress|egress)\b.*)?)?$/;

/** changesPolicies tells whether a JSON patch may be one of NetworkPolicies: by the kind of its target, or by what it changes. */
export function changesPolicies(patch: unknown, targetKind: string | undefined): boolean {
  if (targetKind !== undefined && PLAIN.test(targetKind)) return targetKind === 'NetworkPolicy';
  const operations: readonly unknown[] = Array.isArray(patch) ? patch : [patch];
  return operations.some((operation) => {
    const path = isObject(operation) ? field(operation, 'path') : undefined;
    return typeof path === 'string' && OF_POLICIES.test(path);
  });
}
