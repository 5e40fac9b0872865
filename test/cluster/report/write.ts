/**
 * Writes docs/packets.md from what the last run of the cluster's tests recorded. `npm run test:cluster` calls it once
 * all of them have passed.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { missingSections, page } from './page.ts';
import { readRecords } from './record.ts';

const records = readRecords();
const missing = missingSections(records);
if (records.form !== 'long') {
  console.error('docs/packets.md: not written; the last run was a short one, run npm run test:cluster');
  process.exitCode = 1;
} else if (missing.length > 0) {
  console.error(`docs/packets.md: not written; the last run recorded nothing of ${missing.join(', ')}`);
  process.exitCode = 1;
} else {
  writeFileSync(join(import.meta.dirname, '../../../docs/packets.md'), page(records));
  console.log(`docs/packets.md: ${records.rows.length} rows`);
}
