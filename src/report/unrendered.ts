import type { Unrendered } from '../manifests/files/read-sources.ts';
import { shellWord } from '../objects/shell-word.ts';
import { rulePage } from '../policy/model/rule-page.ts';
import type { ReportedFinding } from './report.ts';

/**
 * unrenderedFindings names the charts and kustomizations of which files were given that speak of policies: a finding each,
 * at the first such file. What Helm and kustomize make of all the others is none of the linter's business.
 */
export function unrenderedFindings(files: readonly Unrendered[], docsBaseUrl: string): readonly ReportedFinding[] {
  const groups = new Map<string, Unrendered[]>();
  for (const file of files) {
    if (!/NetworkPolicy/i.test(file.source.text)) continue;
    const key = `${file.as} ${file.of}`;
    groups.set(key, [...(groups.get(key) ?? []), file]);
  }
  return [...groups.values()].flatMap(([first, ...others]) => {
    return first === undefined ? [] : [findingOf(first, others.length, docsBaseUrl)];
  });
}

function findingOf({ source, as, of }: Unrendered, others: number, docsBaseUrl: string): ReportedFinding {
  const [what, command] =
    as === 'template'
      ? ['a template of a Helm chart, not a manifest', 'helm template']
      : ['a patch of a kustomization, not a whole object', 'kustomize build'];
  const more = others === 0 ? '' : `, like ${others} more of ${of}`;
  return {
    rule: 'not-judged',
    severity: 'warning',
    file: source.file,
    ...source.positionAt(0),
    message: `is ${what}${more}; render it first: ${command} ${shellWord(of)} | netpol-guard lint -`,
    docs: rulePage(docsBaseUrl, 'not-judged'),
  };
}
