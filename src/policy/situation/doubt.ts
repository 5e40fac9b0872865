import { listOf } from '../model/describe.ts';
import type { Situation } from './situation.ts';

/**
 * otherPoliciesDoubt explains that policies which are not judged can allow or forbid DNS; undefined if there are none.
 */
export function otherPoliciesDoubt({ snapshot, settings, change }: Situation): string | undefined {
  const unreadable = snapshot.unreadablePolicies(change.namespace);
  if (unreadable.length > 0) return `the policies ${listOf(unreadable)} of the namespace cannot be read`;
  if (settings.dns.otherPolicies === 'ignore') return undefined;
  const others = snapshot.otherPolicies(change.namespace);
  return others.length === 0 ? undefined : `${listOf(others)} can allow or forbid DNS too, and are not judged`;
}
