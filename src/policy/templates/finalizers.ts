import type { Policy } from '../model/policy.ts';

/** finalizersGiven returns those that a change gives a managed policy; each would keep it when netpol-guard deletes it. */
export function finalizersGiven(before: Policy | undefined, after: Policy): readonly string[] {
  const known = new Set(before?.managed?.finalizers);
  return (after.managed?.finalizers ?? []).filter((finalizer) => !known.has(finalizer));
}
