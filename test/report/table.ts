import type { Section } from './section.ts';

/** renderSection renders a table with its title and what it says, as Markdown. Cells are found by the columns' names. */
export function renderSection(section: Section, rows: readonly Readonly<Record<string, string>>[]): string {
  const columns = Object.keys(section.columns);
  const headings = Object.values(section.columns);
  const cells = rows.map((row) => columns.map((column) => cell(row[column] ?? '')));
  const isSorted = section.sorted !== undefined;
  const ordered = isSorted ? cells.toSorted(([a = ''], [b = '']) => (a < b ? -1 : a > b ? 1 : 0)) : cells;
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
