import { field, isObject } from '../objects/fields.ts';
import type { Policy } from '../policy/model/policy.ts';
import { Budget } from '../sets/budget.ts';
import { isCovered } from '../sets/coverage.ts';

/**
 * leavesTypesOut holds for a policy of only egress rules without `policyTypes`. The API server sets Ingress, and also
 * Egress if there are egress rules (pkg/apis/networking/v1/defaults.go).
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

/** shutsIngress holds if no other policy isolates some of the policy's pods for ingress. */
export function shutsIngress({ ref, subject }: Policy, all: readonly Policy[]): boolean {
  const others = all.filter(
    (other) => other.isolatesIngress && other.ref.namespace === ref.namespace && other.ref.name !== ref.name,
  );
  const selectors = others.map((other) => other.subject);
  return isCovered(subject, selectors, new Budget()).kind !== 'covered';
}
