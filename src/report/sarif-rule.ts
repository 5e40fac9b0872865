import { rulePage } from '../policy/model/rule-page.ts';
import type { RulePage } from './rule-pages.ts';

/** sarifRule describes a rule as SARIF's reportingDescriptor; code scanning services sort by its `security-severity`. */
export function sarifRule(
  { id, title, level, security, docs }: RulePage,
  docsBaseUrl: string,
): Record<string, unknown> {
  const page = rulePage(docsBaseUrl, id);
  const why = absoluteLinks(docs.why, page);
  return {
    id,
    shortDescription: { text: title },
    fullDescription: { text: docs.why },
    helpUri: page,
    help: { text: docs.why, markdown: `${why}\n\n### Bad\n\n${fenced(docs.bad)}\n\n### Good\n\n${fenced(docs.good)}` },
    defaultConfiguration: { level: level === 'standard' ? 'error' : 'warning' },
    properties: {
      tags: security === undefined ? ['kubernetes', 'dns'] : ['kubernetes', 'dns', 'security'],
      'security-severity': security?.toFixed(1),
    },
  };
}

/** fenced shows YAML as it is, in Markdown. */
export function fenced(yaml: string): string {
  return `\`\`\`yaml\n${yaml.trimEnd()}\n\`\`\``;
}

/** A viewer of the text does not know the base of relative links. */
function absoluteLinks(markdown: string, page: string): string {
  return markdown.replaceAll(/\]\((?!https?:)([^)\s]+)\)/g, (_, target: string) => `](${new URL(target, page).href})`);
}
