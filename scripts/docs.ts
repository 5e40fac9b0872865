/**
 * Writes what in docs/ follows the code: docs/rules/, a page for each rule and an index, and the table of rights in
 * docs/operations.md. `npm run docs`; with `--check` it writes nothing and fails where something is missing, stale or of
 * no rule.
 */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { exampleMessage } from '../src/commands/example-message.ts';
import { docsIndex, docsPage } from '../src/report/docs-page.ts';
import { RULE_PAGES } from '../src/report/rule-pages.ts';
import { between } from './docs/between.ts';
import { rightsTable } from './docs/rights-table.ts';

const docs = fileURLToPath(new URL('../docs/', import.meta.url));
const operations = await readFile(`${docs}operations.md`, 'utf8');
const wanted = new Map(RULE_PAGES.map((page) => [`rules/${page.id}.md`, docsPage(page, exampleMessage(page))]));
wanted.set('rules/README.md', docsIndex(RULE_PAGES));
wanted.set('operations.md', between(operations, 'rights', rightsTable()));

await mkdir(`${docs}rules`, { recursive: true });
const present = new Set((await readdir(`${docs}rules`)).map((name) => `rules/${name}`)).add('operations.md');
const stale: string[] = [];
for (const [name, text] of wanted) {
  const standing = present.delete(name) ? await readFile(docs + name, 'utf8') : undefined;
  if (standing !== text) stale.push(name);
}
stale.push(...present);

if (process.argv.includes('--check')) {
  for (const name of stale) console.error(`docs/${name} does not match the code; run npm run docs`);
  process.exitCode = stale.length > 0 ? 1 : 0;
} else {
  for (const name of stale) {
    const text = wanted.get(name);
    await (text === undefined ? rm(docs + name) : writeFile(docs + name, text));
  }
  console.log(`docs: ${wanted.size} pages, ${stale.length} changed`);
}
