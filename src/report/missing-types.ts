import { field, isObject } from '../objects/fields.ts';
import type { Policy } from '../policy/model/policy.ts';
import { Budget } from '../sets/budget.ts';
import { isCovered } from '../sets/coverage.ts';

/**
 * leavesTypesOut holds for a policy of egress rules alone without `policyTypes`. The API server makes it Ingress, and
 * Egress where there are egress rules (pkg/apis/networking/v1/defaults.go).
 */
export function leavesTypesOut(manifest: unknown): boolean {
  const spec = isObject(manifest) ? field(manifest, 'spec') : undefined;
  if (!isObject(spec)) return false;
  const lists = (key: string) => {
    const value = field(spec, key);
    return Array.isArray(value) && value.length > 0;
  };
  return lists('egress') && !lists('policyTypes') && !lists('ingress');
}

/** shutsIngress holds where some of the policy's pods are isolated for ingress by no other policy. */
export function shutsIngress({ ref, subject }: Policy, all: readonly Policy[]): boolean {
  const others = all.filter(
    (other) => other.isolatesIngress && other.ref.namespace === ref.namespace && other.ref.name !== ref.name,
  );
  const selectors = others.map((other) => other.subject);
  return isCovered(subject, selectors, new Budget()).kind !== 'covered';
}
