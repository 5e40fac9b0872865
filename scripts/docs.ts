/**
 * Writes docs/rules/ from the rules: a page for each, and an index. `npm run docs`; with `--check` it writes nothing
 * and fails where a page is missing, stale or of no rule.
 */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { docsIndex, docsPage } from '../src/cli/docs-page.ts';
import { RULE_PAGES } from '../src/cli/lint-pages.ts';

const folder = fileURLToPath(new URL('../docs/rules/', import.meta.url));
const wanted = new Map(RULE_PAGES.map((page) => [`${page.id}.md`, docsPage(page)]));
wanted.set('README.md', docsIndex(RULE_PAGES));

await mkdir(folder, { recursive: true });
const present = new Set(await readdir(folder));
const stale: string[] = [];
for (const [name, text] of wanted) {
  const standing = present.delete(name) ? await readFile(folder + name, 'utf8') : undefined;
  if (standing !== text) stale.push(name);
}
stale.push(...present);

if (process.argv.includes('--check')) {
  for (const name of stale) console.error(`docs/rules/${name} does not match its rule; run npm run docs`);
  process.exitCode = stale.length > 0 ? 1 : 0;
} else {
  for (const name of stale) {
    const text = wanted.get(name);
    await (text === undefined ? rm(folder + name) : writeFile(folder + name, text));
  }
  console.log(`docs/rules: ${wanted.size} pages, ${stale.length} changed`);
}
