import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Form } from '../../cluster/report/record.ts';
import type { Row, SectionName } from './sections.ts';

/** Records are what one run of the tests recorded. */
export interface Records {
  readonly form: Form;
  /** RFC 3339. */
  readonly began: string;
  readonly rows: readonly { readonly section: SectionName; readonly row: Readonly<Record<string, string>> }[];
}

const FILE = join(import.meta.dirname, '../../../helm.jsonl');

/** record adds a row to `helm.jsonl`: what a test has found and expected to find. Call it once that is certain. */
export function record<Name extends SectionName>(section: Name, row: Row<Name>): void {
  appendFileSync(FILE, `${JSON.stringify({ section, row })}\n`);
}

/** beginRecords forgets what the run before recorded. */
export function beginRecords(form: Form, began: Date): void {
  writeFileSync(FILE, `${JSON.stringify({ form, began: began.toISOString() })}\n`);
}

/** readRecords reads what the last run recorded. Throws where there was none. */
export function readRecords(): Records {
  const [head = '{}', ...lines] = readFileSync(FILE, 'utf8').trimEnd().split('\n');
  const begun: Pick<Records, 'form' | 'began'> = JSON.parse(head);
  return { ...begun, rows: lines.map((line) => JSON.parse(line)) };
}
