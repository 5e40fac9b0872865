import type { RulePage } from './rule-pages.ts';

const LEVELS: Readonly<Record<RulePage['level'], string>> = {
  standard: 'Level *standard*: refused by default.',
  strict: 'Level *strict*: a warning by default, refused where a namespace enforces `strict`.',
  advice: 'Level *advice*: never more than a warning.',
  lint: 'Found by `netpol-guard lint`, before any rule.',
};

/**
 * docsPage writes the page of one rule, docs/rules/<id>.md, in Markdown; `message` is the message for its bad example.
 */
export function docsPage({ id, title, level, docs }: RulePage, message: readonly string[]): string {
  const sections = [
    `# ${id}`,
    `${sentence(title)} ${LEVELS[level]}`,
    docs.why.trim(),
    '## Bad',
    yaml(docs.bad),
    '## Message',
    `\`\`\`\n${message.join('\n')}\n\`\`\``,
    '## Good',
    yaml(docs.good),
    ...(level === 'lint' ? [] : ['## How to turn it off', turnOff(id)]),
    '## References',
    docs.references.map((address) => `- <${address}>`).join('\n'),
  ];
  return `${sections.join('\n\n')}\n`;
}

function turnOff(id: string): string {
  return `In the configuration, \`rules: {${id}: warn}\` makes it a warning everywhere, \`audit\` keeps it to the audit log, and
\`off\` turns it off. An entry under \`exemptions.entries\` exempts one policy or namespace, with a reason and until a
date.`;
}

/** docsIndex writes docs/rules/README.md, the table of all rules. */
export function docsIndex(pages: readonly RulePage[]): string {
  const rows = pages.map(({ id, title, level }) => `| [${id}](${id}.md) | ${level} | ${title} |`);
  return `${['# Rules', '| rule | level | it finds |\n|---|---|---|\n'].join('\n\n')}${rows.join('\n')}\n`;
}

function sentence(title: string): string {
  return `${title.charAt(0).toUpperCase()}${title.slice(1)}.`;
}

function yaml(text: string): string {
  return `\`\`\`yaml\n${text.trim()}\n\`\`\``;
}
