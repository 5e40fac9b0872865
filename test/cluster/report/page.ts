import type { Records } from './record.ts';
import { type Recorded, SECTIONS, type SectionName } from './sections.ts';

const HEAD = `# In packets

What policies do to real packets, in a real Kubernetes with a network plugin that enforces in the kernel. This page is
written by \`npm run test:cluster\`, wholly, from what its tests recorded; nothing in it is written by hand.
`;

/** missingSections names the sections without a row: a page without them would not be of a whole run. */
export function missingSections({ rows }: Records): readonly SectionName[] {
  return names().filter((name) => !rows.some(({ section }) => section === name));
}

/** page renders records as Markdown. */
export function page(records: Records): string {
  const day = records.began.slice(0, 'YYYY-MM-DD'.length);
  const sections = names().map((name) => render(name, records.rows));
  return [`${HEAD}\nRun of ${day}, ${records.form} form.`, ...sections].join('\n\n').concat('\n');
}

function names(): readonly SectionName[] {
  return Object.keys(SECTIONS) as SectionName[];
}

function render(name: SectionName, rows: readonly Recorded[]): string {
  const section = SECTIONS[name];
  const columns = Object.keys(section.columns);
  const headings = Object.values(section.columns);
  const cells = rows
    .filter((recorded) => recorded.section === name)
    .map(({ row }) => columns.map((column) => cell((row as Readonly<Record<string, string>>)[column] ?? '')));
  const ordered = 'sorted' in section ? cells.toSorted(([a = ''], [b = '']) => (a < b ? -1 : a > b ? 1 : 0)) : cells;
  const lines = [headings, columns.map(() => '---'), ...ordered].map((line) => `| ${line.join(' | ')} |`);
  return [`## ${section.title}`, section.text, lines.join('\n')].join('\n\n');
}

/** A table has one line per row, and its cells end at a bar. */
function cell(text: string): string {
  return text
    .trim()
    .replaceAll('|', '\\|')
    .replaceAll(/\s*\n\s*/g, '<br>');
}
