import type { Records } from './record.ts';
import { SECTIONS, type SectionName } from './sections.ts';
import { renderSection } from './table.ts';

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
  const rowsOf = (name: SectionName) => records.rows.filter(({ section }) => section === name).map(({ row }) => row);
  const sections = names().map((name) => renderSection(SECTIONS[name], rowsOf(name)));
  return [`${HEAD}\nRun of ${day}, ${records.form} form.`, ...sections].join('\n\n').concat('\n');
}

function names(): readonly SectionName[] {
  return Object.keys(SECTIONS) as SectionName[];
}
