import type { Issue } from './finding.ts';
import { internetRules } from './openings/internet-rules.ts';
import type { Situation } from './situation.ts';
import type { Room } from './snapshot.ts';

const MIB = 1024 * 1024;

/**
 * roomIssue finds a change beside policies that are not kept, or after which they could not all be. What is not kept adds
 * up with nothing, so whoever could go on there could open in parts what is refused as a whole. Let be is what opens no
 * more of the Internet than its policy did, where it fits or is no larger than it was.
 */
export function roomIssue({ change, snapshot, isNarrowed }: Situation): Issue | undefined {
  const { operation, namespace, before, after } = change;
  const room = snapshot.room?.(namespace);
  if (room === undefined || after === undefined || operation === 'AUDIT') return undefined;
  const weight = room.weigh(after);
  const old = before === undefined ? 0 : room.weigh(before);
  const together = room.demanded - old + weight;
  const fits = together <= room.limit;
  if (fits && room.isWhole) return undefined;
  if ((fits || weight <= old) && (isNarrowed || internetRules(after).length === 0)) return undefined;
  return { path: 'spec', ...explain(room, { weight, together }), blamed: true };
}

function explain(room: Room, { weight, together }: { readonly weight: number; readonly together: number }) {
  const { demanded, limit } = room;
  const sum =
    demanded > limit
      ? `are too large together: ${inMib(demanded)}`
      : together > limit
        ? `would be too large together: ${inMib(together)}`
        : undefined;
  if (sum === undefined) {
    return {
      message: 'the policies of the namespace were too large together, and some have yet to be read again',
      fix: { description: 'try again in a few seconds' },
    };
  }
  return {
    message: `the policies of the namespace ${sum} MiB of memory, and this one takes ${inMib(weight)}; the limit is ${inMib(limit)} MiB`,
    fix: { description: 'remove policies that nobody needs, or write larger blocks and ranges of ports' },
  };
}

function inMib(bytes: number): string {
  return (Math.ceil((bytes / MIB) * 10) / 10).toString();
}
