import type { ExitCode, Io } from '../cli/io.ts';
import { nearest } from '../objects/nearest.ts';
import { printable } from '../objects/printable.ts';
import { docsPage } from '../report/docs-page.ts';
import { RULE_PAGES } from '../report/rule-pages.ts';
import { exampleMessage } from './example-message.ts';

/** explain prints the page of one rule, or the list of all rules. */
export function explain(id: string | undefined, io: Io): ExitCode {
  if (id === undefined) {
    const width = Math.max(...RULE_PAGES.map((page) => page.id.length));
    for (const page of RULE_PAGES) io.out(`${page.id.padEnd(width)}  ${page.level.padEnd(8)}  ${page.title}\n`);
    return 0;
  }
  const page = RULE_PAGES.find((candidate) => candidate.id === id);
  if (page !== undefined) {
    io.out(docsPage(page, exampleMessage(page)));
    return 0;
  }
  const near = nearest(
    id,
    RULE_PAGES.map((candidate) => candidate.id),
  );
  const hint = near === undefined ? 'netpol-guard explain lists all' : `did you mean ${near}?`;
  io.err(`netpol-guard: there is no rule "${printable(id)}"; ${hint}\n`);
  return 2;
}
