import type { DnsProtocol, DnsReach } from '../dns/reach.ts';
import { describePolicy } from '../model/describe.ts';
import type { Policy } from '../model/policy.ts';
import type { Situation } from '../situation/situation.ts';
import type { NearMiss } from './near-miss.ts';

/** Policies looked at for one that is being deleted. */
const MAX_POLICIES = 50;

/**
 * deletedCarveOut names a policy that lets the pods of an isolating one reach DNS over one of the protocols and does not count,
 * because it is being deleted; undefined where there is none.
 */
export function deletedCarveOut(
  { after }: Situation,
  isolating: Policy,
  reach: DnsReach,
  protocols: readonly DnsProtocol[],
): NearMiss | undefined {
  let count = 0;
  for (const other of after.all()) {
    count += 1;
    if (count > MAX_POLICIES) return undefined;
    if (!other.deleting || !other.subject.intersects(isolating.subject)) continue;
    if (protocols.every((protocol) => reach.of(other)[protocol] === 'no')) continue;
    const why = `${describePolicy(other)} allows it only until it is gone, and does not count: it is being deleted`;
    return { why, isLeaving: true };
  }
  return undefined;
}
