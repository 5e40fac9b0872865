import type { Recorded } from './records.ts';
import type { Page } from './section.ts';
import { renderSection } from './table.ts';

/** missingSections names the sections without a row: a page without them would not be of a whole run. */
export function missingSections({ sections }: Page, { rows }: Recorded): readonly string[] {
  return Object.keys(sections).filter((name) => !rows.some(({ section }) => section === name));
}

/** renderPage renders what a run recorded as Markdown. */
export function renderPage({ head, sections }: Page, { began, form, rows }: Recorded): string {
  const day = began.slice(0, 'YYYY-MM-DD'.length);
  const tables = Object.entries(sections).map(([name, section]) =>
    renderSection(
      section,
      rows.filter((one) => one.section === name).map(({ row }) => row),
    ),
  );
  return [`${head}\nRun of ${day}, ${form} form.`, ...tables].join('\n\n').concat('\n');
}
