import type { Policy } from '../policy/model.ts';
import type { ModeLevel } from '../policy/settings.ts';
import type { ClusterSnapshot } from '../policy/snapshot.ts';
import type { Judging } from './policies.ts';

/** A label is changed once in a while, but by a request that others wait behind. */
const MAX_POLICIES = 1000;
const MAX_MILLISECONDS = 200;
/** As many as Pod Security Admission names. */
const NAMED = 3;

/**
 * warningsOfRaise says which policies of the namespace the raised level would refuse: the count, and the first three.
 * It stops at its budget of policies and time, and says so.
 */
export function warningsOfRaise(
  namespace: string,
  level: ModeLevel,
  labels: ReadonlyMap<string, string>,
  { evaluate, gatherSnapshot, settings, clock }: Judging,
  deadline: number,
): readonly string[] {
  const snapshot = relabelled(gatherSnapshot(), namespace, labels);
  const policies = snapshot.policies(namespace);
  const end = Math.min(deadline, clock.elapsed() + MAX_MILLISECONDS);
  const refused: string[] = [];
  let judged = 0;
  for (const policy of policies.all()) {
    if (judged === MAX_POLICIES || clock.elapsed() > end) break;
    judged += 1;
    const change = { operation: 'AUDIT', namespace, after: policy } as const;
    const { denied, findings } = evaluate(change, snapshot, settings(), clock.now());
    if (!denied) continue;
    const rules = new Set(findings.filter(({ effect }) => effect === 'deny').map(({ rule }) => rule));
    refused.push(`${nameOf(policy)}: ${[...rules].join(', ')}`);
  }
  if (refused.length === 0 && judged === policies.size) return [];
  const scope = judged === policies.size ? `${judged}` : `the first ${judged} of ${policies.size}`;
  const more = refused.length > NAMED ? [`and ${refused.length - NAMED} more`] : [];
  return [
    `enforce=${level} would refuse ${refused.length} of ${scope} policies here`,
    ...refused.slice(0, NAMED),
    ...more,
  ];
}

function nameOf({ ref }: Policy): string {
  return ref.name ?? '(no name)';
}

/** The snapshot, as if the namespace carried these labels. */
function relabelled(snapshot: ClusterSnapshot, name: string, labels: ReadonlyMap<string, string>): ClusterSnapshot {
  const terminating = snapshot.namespace(name)?.terminating ?? false;
  return {
    namespace: (other) =>
      other === name ? { name, labels, labelsKnown: true, terminating } : snapshot.namespace(other),
    policies: (namespace) => snapshot.policies(namespace),
    namespacesWithPolicies: () => snapshot.namespacesWithPolicies(),
    unreadablePolicies: (namespace) => snapshot.unreadablePolicies(namespace),
    otherPolicies: (namespace) => snapshot.otherPolicies(namespace),
    dns: snapshot.dns,
    services: snapshot.services,
  };
}
