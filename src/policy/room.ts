import type { Change } from './change.ts';
import { entriesFor, exemptionOf, exempts } from './exemptions.ts';
import type { Finding, Issue } from './finding.ts';
import { matchesGlob } from './glob.ts';
import { effectOf, modesOf } from './modes.ts';
import type { Settings } from './settings.ts';
import type { ClusterSnapshot } from './snapshot.ts';

const MIB = 1024 * 1024;

/**
 * roomIssue finds a change after which the policies of its namespace are too large together to be kept. What is not kept
 * adds up with nothing, so whoever could go on there could open in parts what is refused as a whole. A change that makes
 * them no larger is let be.
 */
function roomIssue({ operation, namespace, before, after }: Change, snapshot: ClusterSnapshot): Issue | undefined {
  const room = snapshot.room?.(namespace);
  if (room === undefined || after === undefined || operation === 'AUDIT') return undefined;
  const weight = room.weigh(after);
  const old = before === undefined ? 0 : room.weigh(before);
  const together = room.demanded - old + weight;
  if (weight <= old || together <= room.limit) return undefined;
  return {
    path: 'spec',
    message: `makes the policies of the namespace too large together: ${inMib(together)} MiB of memory, of which it takes ${inMib(weight)}, and ${inMib(room.limit)} MiB is the limit`,
    fix: { description: 'remove policies that nobody needs, or write larger blocks and ranges of ports' },
    blamed: true,
  };
}

function inMib(bytes: number): string {
  return (Math.ceil((bytes / MIB) * 10) / 10).toString();
}

/** What cannot be kept is what cannot be judged: both are refused under one name, which exemptions can take out. */
const RULE = 'policy-too-complicated';

/** roomFinding is what a change that roomIssue finds comes to, under the modes and exemptions of its namespace. */
export function roomFinding(
  change: Change,
  snapshot: ClusterSnapshot,
  settings: Settings,
  now: number,
): Finding | undefined {
  const issue = roomIssue(change, snapshot);
  const object = change.after?.ref;
  if (issue === undefined || object === undefined || isExempt(change, settings, now)) return undefined;
  const { modes } = modesOf(snapshot.namespace(change.namespace)?.labels ?? new Map(), settings.modes);
  const effect = effectOf(issue, 'standard', settings.rules.get(RULE), modes);
  const docs = `${settings.docsBaseUrl}/rules/${RULE}.md`;
  return effect && { ...issue, rule: RULE, level: 'standard', effect, object, docs };
}

function isExempt(change: Change, settings: Settings, now: number): boolean {
  const { namespace, after } = change;
  if (settings.systemNamespaces.some((glob) => matchesGlob(glob, namespace))) return true;
  if (exemptionOf(change, settings) !== undefined) return true;
  return entriesFor(namespace, after?.ref.name, settings, now).valid.some((entry) => exempts(entry, RULE));
}
