import type { Issue } from './finding.ts';
import { internetRules } from './openings/internet-rules.ts';
import type { Situation } from './situation.ts';

const MIB = 1024 * 1024;

/**
 * roomIssue finds a change after which the policies of its namespace are too large together to be kept. What is not kept
 * adds up with nothing, so whoever could go on there could open in parts what is refused as a whole. Let be is what makes
 * them no larger and opens no more of the Internet than its policy did.
 */
export function roomIssue({ change, snapshot, isNarrowed }: Situation): Issue | undefined {
  const { operation, namespace, before, after } = change;
  const room = snapshot.room?.(namespace);
  if (room === undefined || after === undefined || operation === 'AUDIT') return undefined;
  const weight = room.weigh(after);
  const old = before === undefined ? 0 : room.weigh(before);
  const together = room.demanded - old + weight;
  if (together <= room.limit) return undefined;
  if (weight <= old && (isNarrowed || internetRules(after).length === 0)) return undefined;
  const isOver = weight <= old ? 'are' : 'would be';
  return {
    path: 'spec',
    message: `the policies of the namespace ${isOver} too large together: ${inMib(together)} MiB of memory, of which this one takes ${inMib(weight)}; the limit is ${inMib(room.limit)} MiB`,
    fix: { description: 'remove policies that nobody needs, or write larger blocks and ranges of ports' },
    blamed: true,
  };
}

function inMib(bytes: number): string {
  return (Math.ceil((bytes / MIB) * 10) / 10).toString();
}
