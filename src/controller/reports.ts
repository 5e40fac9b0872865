import type { NamespaceEvent } from '../cluster/cluster.ts';
import { settingFor } from '../policy/dns/nameserver.ts';
import { BASELINE_LABEL } from '../policy/model/labels.ts';
import type { DnsFacts, NamespaceFacts } from '../policy/model/snapshot.ts';
import { REPAIR_PREFIX } from '../policy/templates/repair-name.ts';
import type { Missing } from './adoption.ts';
import type { Done } from './apply.ts';
import type { Decision } from './decide.ts';
import type { Violation } from './known-violations.ts';

/** EventContent is an Event about a namespace, without the namespace. */
export type EventContent = Pick<NamespaceEvent, 'type' | 'reason' | 'message'>;

/** reportsOfDone tells what was done. */
export function reportsOfDone(
  { label, applied, healed, altered, removed }: Done,
  template: string,
): readonly EventContent[] {
  const repairs = applied.filter(isRepair);
  const policies = applied.filter((name) => !isRepair(name));
  return [
    ...(label === undefined ? [] : [ofLabel(label)]),
    ...about(policies, 'Normal', 'BaselineApplied', (names) => `applied ${names} of template ${template}`),
    ...about(repairs, 'Normal', 'DnsRepaired', (names) => `applied ${names}: pods were cut off from DNS`),
    ...about(healed, 'Warning', 'BaselineHealed', (names) => `restored ${names}, which someone had changed or deleted`),
    ...about(
      altered,
      'Warning',
      'BaselineAltered',
      (names) => `${names} is not stored as it was applied; look for an admission plugin that changes it`,
    ),
    ...about(
      removed,
      'Normal',
      'BaselineRemoved',
      (names) => `removed ${names}, which no template or repair needs any more`,
    ),
  ];
}

/** reportOfState explains why a baseline is not in place, if it is not. */
export function reportOfState(
  { labels }: NamespaceFacts,
  { state, waiting }: Decision,
  dns: DnsFacts,
  templates: Iterable<string>,
): EventContent | undefined {
  if (state === 'unknown') {
    const known = [...templates].join(', ');
    const message = `no template is called "${labels.get(BASELINE_LABEL)}", so nothing changes; known templates: ${known}`;
    return { type: 'Warning', reason: 'UnknownTemplate', message };
  }
  if (state !== 'waiting') return undefined;
  const names = `${waiting.join(', ')} ${waiting.length === 1 ? 'waits' : 'wait'}`;
  const toDo = 'set dns.servers in the configuration';
  if (!dns.isKnown) {
    return { type: 'Warning', reason: 'NoResolver', message: `${names}: no cluster DNS is known; ${toDo}` };
  }
  if (dns.mismatch !== undefined) {
    const problem = `pods are given the nameserver ${dns.mismatch}, which is not among the DNS servers found`;
    const example = settingFor(dns.mismatch);
    return {
      type: 'Warning',
      reason: 'ResolverMismatch',
      message: `${names}: ${problem}; ${toDo}, as in ${example}`,
    };
  }
  return { type: 'Warning', reason: 'NoEndpoints', message: `${names} for the endpoints of the API server` };
}

/** CONFLICT is the Event when a conflict begins. */
export const CONFLICT: EventContent = {
  type: 'Warning',
  reason: 'BaselineConflict',
  message: `someone keeps undoing the baseline, so it is restored more and more slowly; a cluster admin can opt the namespace out with the label ${BASELINE_LABEL}=none`,
};

/** reportOfRefusal tells what the API server said. */
export function reportOfRefusal(message: string): EventContent {
  return { type: 'Warning', reason: 'BaselineRefused', message: `the API server refused the baseline: ${message}` };
}

/** This many are named; `scan` shows the rest. */
const MOST_NAMED = 5;

/** reportOfViolations tells which policies break what their namespace enforces, although they were admitted. */
export function reportOfViolations(violations: readonly Violation[]): EventContent {
  const all = firstOf(violations.map(({ policy, rule }) => `${policy} (${rule})`));
  return {
    type: 'Warning',
    reason: 'PolicyViolation',
    message: `these policies would be refused if they were applied now: ${all}`,
  };
}

/** reportOfUndecided tells which policies get no repair, since it is not known whether they need one. */
export function reportOfUndecided(policies: readonly string[]): EventContent {
  return {
    type: 'Warning',
    reason: 'RepairUndecided',
    message: `it takes too many steps to tell whether these policies cut pods off from DNS, so nothing is added for them: ${firstOf(policies)}`,
  };
}

function firstOf(names: readonly string[]): string {
  const named = names.slice(0, MOST_NAMED).join(', ');
  return names.length <= MOST_NAMED ? named : `${named} and ${names.length - MOST_NAMED} more`;
}

function ofLabel({ template, why }: Missing): EventContent {
  const because = why === 'missed' ? 'it was created without passing the webhook' : 'existing namespaces are adopted';
  return { type: 'Normal', reason: 'BaselineAssigned', message: `assigned template ${template}: ${because}` };
}

function about(
  names: readonly string[],
  type: EventContent['type'],
  reason: string,
  message: (names: string) => string,
): readonly EventContent[] {
  return names.length === 0 ? [] : [{ type, reason, message: message([...new Set(names)].join(', ')) }];
}

function isRepair(name: string): boolean {
  return name.startsWith(REPAIR_PREFIX);
}
