import { DNS_PROTOCOLS } from '../dns/reach.ts';
import { capital, listOf } from '../model/describe.ts';
import type { Issue } from '../model/finding.ts';
import { advice } from '../model/fix.ts';
import type { Policy } from '../model/policy.ts';
import { policyKey } from '../model/policy-key.ts';
import type { Settings } from '../model/settings.ts';
import { HOW_TO_SHRINK } from '../model/size.ts';
import type { Room } from '../model/snapshot.ts';
import type { Situation } from '../situation/situation.ts';
import { aimsAt, FAMILIES, internetRules } from './internet-rules.ts';

const MIB = 1024 * 1024;

/**
 * roomIssue finds a change beside policies that are not kept, or a change after which not all could be kept. Policies
 * that are not kept cannot be added up, so their author could open in parts what is refused as a whole. A change passes
 * if it opens no more of the Internet than before, and fits or is no larger than before.
 */
export function roomIssue(situation: Situation): Issue | undefined {
  const { change, snapshot, isNarrowed } = situation;
  const { operation, namespace, before, after } = change;
  if (after === undefined || operation === 'AUDIT') return undefined;
  const room = snapshot.room?.(namespace);
  if (room === undefined) return unreadIssue(situation, after);
  const weight = room.weigh(after);
  const old = before === undefined ? 0 : room.weigh(before);
  const together = room.demanded - old + weight;
  const fits = together <= room.limit;
  if (fits && room.isWhole) return unreadIssue(situation, after);
  if ((fits || weight <= old) && (isNarrowed || internetRules(after).length === 0)) return undefined;
  return { path: 'spec', ...explain(room, { weight, together }), blamed: true };
}

/** What an unreadable policy opens is unknown, so no change that opens a part of the same passes beside it. */
function unreadIssue({ change, snapshot, settings, isNarrowed }: Situation, after: Policy): Issue | undefined {
  const unread = snapshot.unreadablePolicies(change.namespace).filter((key) => key !== policyKey(after.ref));
  if (unread.length === 0 || isNarrowed || !opensDns(after, settings)) return undefined;
  const [are, them] = unread.length === 1 ? ['is', 'it'] : ['are', 'them'];
  const beside = `${listOf(unread)} ${are} too large to be read`;
  return {
    path: 'spec',
    headline: 'opens DNS beside a policy too large to read',
    why: `${beside}, so what they open together is unknown.`,
    short: `opens DNS ports to the Internet, and ${beside}`,
    fix: advice(`Make ${them} smaller or remove ${them} first: ${HOW_TO_SHRINK}`),
    blamed: true,
  };
}

function opensDns(policy: Policy, { dns }: Settings): boolean {
  const aims = DNS_PROTOCOLS.flatMap((protocol) =>
    FAMILIES.flatMap((family) => [...dns.ports, 'named' as const].map((port) => ({ protocol, family, port }))),
  );
  return internetRules(policy).some((open) => aims.some((aim) => aimsAt(open, aim)));
}

function explain(room: Room, { weight, together }: { readonly weight: number; readonly together: number }) {
  const { demanded, limit } = room;
  const sum =
    demanded > limit
      ? `are too large together: ${inMib(demanded)}`
      : together > limit
        ? `would be too large together: ${inMib(together)}`
        : undefined;
  const headline = 'does not fit into its namespace';
  if (sum === undefined) {
    const short = 'the policies of the namespace were too large together, and some have yet to be read again';
    return { headline, why: `${capital(short)}.`, short, fix: advice('Try again in a few seconds') };
  }
  const short = `the policies of the namespace ${sum} MiB of memory, and this one takes ${inMib(weight)}; the limit is ${inMib(limit)} MiB`;
  const fix = advice('Remove policies that are not needed, or write larger blocks and ranges of ports');
  return { headline, why: `${capital(short)}.`, short, fix };
}

function inMib(bytes: number): string {
  return (Math.ceil((bytes / MIB) * 10) / 10).toString();
}
