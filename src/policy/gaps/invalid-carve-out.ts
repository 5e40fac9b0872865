import type { DnsProtocol, DnsReach } from '../dns/reach.ts';
import { mentionsDns } from '../dns/vocabulary.ts';
import { describePolicy } from '../model/describe.ts';
import type { Policy } from '../model/policy.ts';
import type { Situation } from '../situation/situation.ts';
import type { NearMiss } from './near-miss.ts';

/**
 * invalidCarveOut names a policy that would let the pods of an isolating one reach DNS over one of the protocols, or is
 * about DNS, if the API server accepted it; undefined if there is none.
 */
export function invalidCarveOut(
  { snapshot, vocabulary }: Situation,
  isolating: Policy,
  reach: DnsReach,
  protocols: readonly DnsProtocol[],
): NearMiss | undefined {
  for (const policy of snapshot.invalidPolicies?.(isolating.ref.namespace) ?? []) {
    if (!policy.subject.intersects(isolating.subject)) continue;
    const reached = reach.of(policy);
    if (protocols.some((protocol) => reached[protocol] !== 'no')) {
      return { why: `${describePolicy(policy)} would let them reach it, but the API server refuses it as it is` };
    }
    if ([...policy.egress, ...policy.ignoredEgress].some((rule) => mentionsDns(rule, vocabulary))) {
      return { why: `${describePolicy(policy)} is about DNS, but the API server refuses it as it is` };
    }
  }
  return undefined;
}
