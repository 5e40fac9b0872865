import type { Unrendered } from '../manifests/text/manifests.ts';
import { shellWord } from '../objects/shell-word.ts';
import { rulePage } from '../policy/model/rule-page.ts';
import type { ReportedFinding } from './report.ts';

/** UnrenderedReport lists the charts and kustomizations whose results are not here. */
export interface UnrenderedReport {
  readonly findings: readonly ReportedFinding[];
  /** Charts that seem to contain no policies, as sentences. */
  readonly notes: readonly string[];
}

/**
 * reportUnrendered names the charts and kustomizations whose given documents may become policies: one finding each, at
 * the first such document. A template cannot be read, which is an error as for any text that is not YAML; a patch can
 * be read, but is not an object yet. Other charts get a note.
 */
export function reportUnrendered(documents: readonly Unrendered[], docsBaseUrl: string): UnrenderedReport {
  const groups = new Map<string, Unrendered[]>();
  for (const document of documents) {
    const key = `${document.as} ${document.of}`;
    groups.set(key, [...(groups.get(key) ?? []), document]);
  }
  const findings: ReportedFinding[] = [];
  const notes: string[] = [];
  for (const group of groups.values()) {
    const [first, ...others] = group.filter(({ mayBePolicy }) => mayBePolicy);
    if (first !== undefined) findings.push(findingOf(first, filesBeside(first, others), docsBaseUrl));
    else notes.push(...group.slice(0, 1).map(noteOf));
  }
  return { findings, notes };
}

function filesBeside({ source }: Unrendered, others: readonly Unrendered[]): number {
  return new Set([source.file, ...others.map((other) => other.source.file)]).size - 1;
}

function findingOf({ source, as, of, ...place }: Unrendered, others: number, docsBaseUrl: string): ReportedFinding {
  const { line, column, offset } = place;
  const rule = as === 'template' ? 'invalid-yaml' : 'unrendered-policy';
  const what =
    as === 'template' ? 'a template of a Helm chart, not a manifest' : 'a patch of a kustomization, not a whole object';
  const more = others === 0 ? '' : `, like ${others} more of ${of}`;
  return {
    rule,
    severity: as === 'template' ? 'error' : 'warning',
    file: source.file,
    line,
    column,
    offset,
    message: `is ${what}${more}; render it first: ${commandOf(as, of)}`,
    docs: rulePage(docsBaseUrl, rule),
  };
}

function noteOf({ as, of }: Unrendered): string {
  return `${of}: templates of a Helm chart are not judged; to judge the result: ${commandOf(as, of)}`;
}

function commandOf(as: Unrendered['as'], of: string): string {
  const command = as === 'template' ? 'helm template' : 'kustomize build';
  return `${command} ${shellWord(of)} | netpol-guard lint -`;
}
