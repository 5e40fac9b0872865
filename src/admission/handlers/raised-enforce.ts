import type { Finding } from '../../policy/model/finding.ts';
import { knownLabels } from '../../policy/model/known-labels.ts';
import { overlay } from '../../policy/model/overlay.ts';
import type { Policy } from '../../policy/model/policy.ts';
import type { ModeLevel } from '../../policy/model/settings.ts';
import type { ClusterSnapshot } from '../../policy/model/snapshot.ts';
import type { HandlerContext } from '../review/handler.ts';

/** A label changes rarely, and a person waits for the answer. */
const MAX_POLICIES = 1000;
/** Time for judging, without the turns of others in between. */
const MAX_MILLISECONDS = 200;
/** Time of one turn. */
const PIECE_MS = 5;
/** As many as Pod Security Admission names. */
const NAMED = 3;

/** Raise is a namespace whose `enforce` is raised. */
export interface Raise {
  readonly namespace: string;
  readonly level: ModeLevel;
  readonly labels: ReadonlyMap<string, string>;
}

/**
 * warningsOfRaise lists the policies of the namespace that the raised level would refuse: the count, and the first
 * three. It judges in turns, stops at its budget of policies and time or at the deadline, and reports if it stopped.
 */
export async function warningsOfRaise(
  { namespace, level, labels }: Raise,
  { evaluate, gatherSnapshot, settings, clock }: HandlerContext,
  deadline: number,
  inTurn: <T>(work: () => T) => Promise<T>,
): Promise<readonly string[]> {
  const snapshot = relabelled(gatherSnapshot(), namespace, labels);
  const { size } = snapshot.policies(namespace);
  const policies = [...snapshot.policies(namespace).all()].slice(0, MAX_POLICIES);
  const refused: string[] = [];
  let judged = 0;
  let spent = 0;
  const judgeSome = () => {
    const began = clock.elapsed();
    for (const policy of policies.slice(judged)) {
      judged += 1;
      const change = { operation: 'AUDIT', namespace, after: policy } as const;
      const { denied, findings } = evaluate(change, snapshot, settings(), clock.now());
      if (denied) refused.push(`${nameOf(policy)}: ${refusingRules(findings).join(', ')}`);
      if (clock.elapsed() - began >= PIECE_MS) break;
    }
    spent += clock.elapsed() - began;
  };
  while (judged < policies.length && spent <= MAX_MILLISECONDS && clock.elapsed() <= deadline) await inTurn(judgeSome);
  if (refused.length === 0 && judged === size) return [];
  const scope = judged === size ? `${judged}` : `the first ${judged} of ${size}`;
  const more = refused.length > NAMED ? [`and ${refused.length - NAMED} more`] : [];
  return [
    `enforce=${level} would refuse ${refused.length} of ${scope} policies here`,
    ...refused.slice(0, NAMED),
    ...more,
  ];
}

function refusingRules(findings: readonly Finding[]): readonly string[] {
  return [...new Set(findings.filter(({ effect }) => effect === 'deny').map(({ rule }) => rule))];
}

function nameOf({ ref }: Policy): string {
  return ref.name ?? '(no name)';
}

/** The snapshot, as if the namespace carried these labels, as far as the cache would keep them. */
function relabelled(snapshot: ClusterSnapshot, name: string, labels: ReadonlyMap<string, string>): ClusterSnapshot {
  const terminating = snapshot.namespace(name)?.terminating ?? false;
  return overlay(snapshot, name, { facts: { name, ...knownLabels(labels), terminating } });
}
