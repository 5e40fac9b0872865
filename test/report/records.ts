import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page, RowOf, Sections } from './section.ts';

/** Form is how much is done: all of it, or what CI has time for. */
export type Form = 'long' | 'short';

/** Recorded is one run of the tests, as it wrote itself down. */
export interface Recorded {
  readonly form: Form;
  /** RFC 3339. */
  readonly began: string;
  readonly rows: readonly { readonly section: string; readonly row: Readonly<Record<string, string>> }[];
}

/** Records is the file of what the last run of a page's tests recorded. */
export interface Records<All extends Sections> {
  /** record adds a row: what a test has found and expected to find. Call it once that is certain. */
  record<Name extends keyof All & string>(section: Name, row: RowOf<All, Name>): void;
  /** begin forgets what the run before recorded. */
  begin(form: Form, began: Date): void;
  /** read throws an Error that says what to do where there was no run. */
  read(): Recorded;
}

const ROOT = join(import.meta.dirname, '../..');

/** recordsOf finds the records of a page: `NAME.jsonl` in a folder. */
export function recordsOf<All extends Sections>({ name, command }: Page<All>, folder: string = ROOT): Records<All> {
  const file = join(folder, `${name}.jsonl`);
  const readOrThrow = () => {
    try {
      return readFileSync(file, 'utf8');
    } catch (cause) {
      throw new Error(`${file}: no test has recorded anything; run ${command}`, { cause });
    }
  };
  return {
    record: (section, row) => appendFileSync(file, `${JSON.stringify({ section, row })}\n`),
    begin: (form, began) => writeFileSync(file, `${JSON.stringify({ form, began: began.toISOString() })}\n`),
    read: () => {
      const [head = '', ...lines] = readOrThrow().trimEnd().split('\n');
      const begun: Pick<Recorded, 'form' | 'began'> = JSON.parse(head);
      return { ...begun, rows: lines.map((line) => JSON.parse(line)) };
    },
  };
}
