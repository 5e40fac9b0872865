/** Writes docs/helm.md from what the last run of `npm run test:helm` recorded, once all of its tests have passed. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderSection } from '../../cluster/report/table.ts';
import { readRecords } from './record.ts';
import { SECTIONS, type SectionName } from './sections.ts';

const HEAD = `# Installed with Helm

What becomes of a cluster's admissions while netpol-guard is installed, upgraded, restarted, broken and taken away, in a
real Kubernetes. This page is written by \`npm run test:helm\`, wholly, from what its tests recorded; nothing in it is
written by hand.
`;

const { form, began, rows } = readRecords();
const names = Object.keys(SECTIONS) as readonly SectionName[];
const rowsOf = (name: SectionName) => rows.filter(({ section }) => section === name).map(({ row }) => row);
const missing = names.filter((name) => rowsOf(name).length === 0);
if (form !== 'long') {
  console.error('docs/helm.md: not written; the last run was a short one, run npm run test:helm');
  process.exitCode = 1;
} else if (missing.length > 0) {
  console.error(`docs/helm.md: not written; the last run recorded nothing of ${missing.join(', ')}`);
  process.exitCode = 1;
} else {
  const day = began.slice(0, 'YYYY-MM-DD'.length);
  const tables = names.map((name) => renderSection(SECTIONS[name], rowsOf(name)));
  writeFileSync(
    join(import.meta.dirname, '../../../docs/helm.md'),
    [`${HEAD}\nRun of ${day}, ${form} form.`, ...tables].join('\n\n').concat('\n'),
  );
  console.log(`docs/helm.md: ${rows.length} rows`);
}
