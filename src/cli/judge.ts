import { evaluate } from '../policy/evaluate.ts';
import type { Finding } from '../policy/finding.ts';
import type { Policy } from '../policy/model.ts';
import type { Settings } from '../policy/settings.ts';
import type { ClusterSnapshot } from '../policy/snapshot.ts';
import type { ReportedFinding } from './report.ts';

/** Judgement is what the engine says of one policy that stands. */
export interface Judgement {
  readonly findings: readonly ReportedFinding[];
  readonly notes: readonly string[];
}

/**
 * judge asks the engine about one policy as if all of the snapshot were there and nothing had been there before.
 * What would be denied is an error, what would be warned of a warning; what only the audit log would see is left out,
 * since a developer could not see it on the cluster either.
 */
export function judge(policy: Policy, snapshot: ClusterSnapshot, settings: Settings, now: number): Judgement {
  const change = { operation: 'AUDIT', namespace: policy.ref.namespace, after: policy } as const;
  const { findings, notes } = evaluate(change, snapshot, settings, now);
  return { findings: findings.filter(({ effect }) => effect !== 'audit').map(reported), notes };
}

function reported(finding: Finding): ReportedFinding {
  const { apiVersion, kind, namespace, name } = finding.object;
  const { uncertain, fix } = finding;
  return {
    rule: finding.rule,
    severity: finding.effect === 'deny' ? 'error' : 'warning',
    ...(uncertain === undefined ? {} : { certain: false }),
    apiVersion,
    kind,
    namespace,
    ...(name === undefined ? {} : { name }),
    path: finding.path,
    message: uncertain === undefined ? finding.message : `${finding.message} (not certain: ${uncertain})`,
    help: fix.yaml === undefined ? fix.description : `${fix.description.replace(/:$/, '')}:\n${fix.yaml.trimEnd()}`,
    docs: finding.docs,
  };
}
