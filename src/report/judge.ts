import { evaluate } from '../policy/evaluate.ts';
import { findingText, messageOf } from '../policy/messages/finding-text.ts';
import type { Finding } from '../policy/model/finding.ts';
import { describeFix, type Fix, yamlOf } from '../policy/model/fix.ts';
import type { Policy } from '../policy/model/policy.ts';
import type { Settings } from '../policy/model/settings.ts';
import type { ClusterSnapshot } from '../policy/model/snapshot.ts';
import type { ReportedFinding, ReportedFix } from './report.ts';

/** Judgement is the engine's result for stored policies. */
export interface Judgement {
  /** For each policy, in the order given. */
  readonly findings: readonly (readonly ReportedFinding[])[];
  /** Further notes: exemptions that suppressed something, or have expired. */
  readonly notes: readonly string[];
}

/** Standards are what policies are judged by; `now` is in milliseconds since the epoch. */
interface Standards {
  readonly snapshot: ClusterSnapshot;
  readonly settings: Settings;
  readonly now: number;
}

/**
 * judge asks the engine about each policy as if the whole snapshot existed and nothing had existed before. A denial is
 * an error, a warning a warning. A finding only for the audit log is a warning to the operator who scans a cluster
 * (`audited`), and is skipped for the developer, who could not see it there either.
 */
export function judge(
  policies: readonly Policy[],
  { snapshot, settings, now }: Standards,
  audited: 'warned of' | 'skipped',
): Judgement {
  const exempted = new Map<string, string[]>();
  const notes: string[] = [];
  const findings = policies.map((policy) => {
    const { namespace, name = '(no name)' } = policy.ref;
    const verdict = evaluate({ operation: 'AUDIT', namespace, after: policy }, snapshot, settings, now);
    for (const what of verdict.exempted) {
      const names = exempted.get(what) ?? [];
      names.push(`${namespace}/${name}`);
      exempted.set(what, names);
    }
    notes.push(...verdict.notes);
    return verdict.findings.filter(({ effect }) => effect !== 'audit' || audited === 'warned of').map(reported);
  });
  return { findings, notes: [...new Set(notes), ...[...exempted].map(exemption)] };
}

function exemption([what, [first = '', ...others]]: readonly [string, readonly string[]]): string {
  return `${others.length === 0 ? first : `${first} and ${others.length} more`}: exempted from ${what}`;
}

function reported(finding: Finding): ReportedFinding {
  const { apiVersion, kind, namespace, name } = finding.object;
  return {
    rule: finding.rule,
    severity: finding.effect === 'deny' ? 'error' : 'warning',
    certain: finding.uncertain === undefined ? undefined : false,
    apiVersion,
    kind,
    namespace,
    name,
    path: finding.path,
    message: messageOf(finding),
    short: finding.short,
    help: helpOf(finding.fix),
    fix: fixFieldsOf(finding.fix),
    text: findingText(finding),
    docs: finding.docs,
  };
}

/** All steps, each with its YAML below it. */
function helpOf({ steps }: Fix): string {
  return steps
    .flatMap((step) => {
      const yaml = yamlOf(step);
      return [`${step.text}${yaml.length > 0 ? ':' : '.'}`, ...yaml];
    })
    .join('\n');
}

/** Of the first step that shows anything. */
function fixFieldsOf(fix: Fix): ReportedFix {
  const shown = fix.steps.find((step) => yamlOf(step).length > 0);
  const [edit] = shown?.edits ?? [];
  return {
    description: describeFix(fix),
    path: edit === undefined || edit.kind === 'apply' ? undefined : edit.path,
    yaml: shown && yamlOf(shown).join('\n'),
  };
}
