/**
 * Writes docs/NAME.md from what the last run of its tests recorded: `node test/report/write.ts packets`, or `helm`. The
 * npm scripts that run the long tests call it once all of them have passed.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKETS } from '../cluster/report.ts';
import { HELM } from '../helm/report.ts';
import { missingSections, renderPage } from './page.ts';
import { recordsOf } from './records.ts';
import type { Page } from './section.ts';

const [, , wanted] = process.argv;
const pages: readonly Page[] = [PACKETS, HELM];
const page = pages.find(({ name }) => name === wanted);
if (page === undefined) throw new Error(`no page is called ${wanted}`);

const records = recordsOf(page).read();
const missing = missingSections(page, records);
const file = `docs/${page.name}.md`;
if (records.form !== 'long') {
  console.error(`${file}: not written; the last run was a short one, run ${page.command}`);
  process.exitCode = 1;
} else if (missing.length > 0) {
  console.error(`${file}: not written; the last run recorded nothing of ${missing.join(', ')}`);
  process.exitCode = 1;
} else {
  writeFileSync(join(import.meta.dirname, '../..', file), renderPage(page, records));
  console.log(`${file}: ${records.rows.length} rows`);
}
