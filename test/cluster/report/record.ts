import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Recorded, Row, SectionName } from './sections.ts';

/** Form is how much is done: all of it, or what CI has time for. */
export type Form = 'long' | 'short';

/** Records are what one run of the tests recorded. */
export interface Records {
  readonly form: Form;
  readonly began: string;
  readonly rows: readonly Recorded[];
}

const FILE = join(import.meta.dirname, '../../../packets.jsonl');

/** record adds a row to `packets.jsonl`: what a test has found and expected to find. Call it once that is certain. */
export function record<Name extends SectionName>(section: Name, row: Row<Name>, file: string = FILE): void {
  appendFileSync(file, `${JSON.stringify({ section, row })}\n`);
}

/** beginRecords forgets what the run before recorded. */
export function beginRecords(form: Form, began: Date, file: string = FILE): void {
  writeFileSync(file, `${JSON.stringify({ form, began: began.toISOString() })}\n`);
}

/** readRecords reads what the last run recorded. Throws an Error that says what to do where there was none. */
export function readRecords(file: string = FILE): Records {
  const [head = '', ...lines] = readOrThrow(file).trimEnd().split('\n');
  const { form, began }: Records = JSON.parse(head);
  return { form, began, rows: lines.map((line): Recorded => JSON.parse(line)) };
}

function readOrThrow(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Error(`${file}: no test has recorded anything; run npm run test:cluster`, { cause });
  }
}
