import type { Unrendered } from '../manifests/files/read-sources.ts';
import { shellWord } from '../objects/shell-word.ts';
import { rulePage } from '../policy/model/rule-page.ts';
import type { ReportedFinding } from './report.ts';

/**
 * unrenderedFindings names the charts and kustomizations whose given files mention policies: one finding each, at the
 * first such file. The linter ignores all others. A template cannot be read, which is an error as for any text that is
 * not YAML; a patch can be read, but is not an object yet.
 */
export function unrenderedFindings(files: readonly Unrendered[], docsBaseUrl: string): readonly ReportedFinding[] {
  const groups = new Map<string, Unrendered[]>();
  for (const file of files) {
    if (!/NetworkPolicy/i.test(`${file.kind ?? ''} ${file.source.text}`)) continue;
    const key = `${file.as} ${file.of}`;
    groups.set(key, [...(groups.get(key) ?? []), file]);
  }
  return [...groups.values()].flatMap(([first, ...others]) => {
    return first === undefined ? [] : [findingOf(first, others.length, docsBaseUrl)];
  });
}

function findingOf({ source, as, of }: Unrendered, others: number, docsBaseUrl: string): ReportedFinding {
  const command = as === 'template' ? 'helm template' : 'kustomize build';
  const more = others === 0 ? '' : `, like ${others} more of ${of}`;
  const rule = as === 'template' ? 'invalid-yaml' : 'unrendered-policy';
  return {
    rule,
    severity: as === 'template' ? 'error' : 'warning',
    file: source.file,
    ...source.positionAt(0),
    message: `${whatItIs(as, source.file)}${more}; render it first: ${command} ${shellWord(of)} | netpol-guard lint -`,
    docs: rulePage(docsBaseUrl, rule),
  };
}

function whatItIs(as: Unrendered['as'], file: string): string {
  if (as === 'template') return 'is a template of a Helm chart, not a manifest';
  if (/kustomization(?:\.ya?ml)?$/i.test(file)) return 'patches policies, and the result is not here';
  return 'is a patch of a kustomization, not a whole object';
}
