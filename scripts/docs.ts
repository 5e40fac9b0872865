/**
 * Writes the generated parts of docs/: docs/rules/, a page for each rule and an index, the table of rights in
 * docs/operations.md and that of system namespaces in docs/namespace-labels.md. `npm run docs`; with `--check` it
 * writes nothing and fails if something is missing, stale or belongs to no rule.
 */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { exampleMessage } from '../src/commands/example-message.ts';
import { docsIndex, docsPage } from '../src/report/docs-page.ts';
import { RULE_PAGES } from '../src/report/rule-pages.ts';
import { between } from './docs/between.ts';
import { platformsTable } from './docs/platforms-table.ts';
import { rightsTable } from './docs/rights-table.ts';

const docs = fileURLToPath(new URL('../docs/', import.meta.url));
/** Pages with one generated table. */
const tables = [
  { page: 'operations.md', name: 'rights', table: rightsTable() },
  { page: 'namespace-labels.md', name: 'platforms', table: platformsTable() },
];
const wanted = new Map(RULE_PAGES.map((page) => [`rules/${page.id}.md`, docsPage(page, exampleMessage(page))]));
wanted.set('rules/README.md', docsIndex(RULE_PAGES));
for (const { page, name, table } of tables) {
  wanted.set(page, between(await readFile(docs + page, 'utf8'), name, table));
}

await mkdir(`${docs}rules`, { recursive: true });
const present = new Set((await readdir(`${docs}rules`)).map((name) => `rules/${name}`));
for (const { page } of tables) present.add(page);
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
