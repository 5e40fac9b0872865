/**
 * Writes the generated files of charts/netpol-guard/: webhooks, rights, namespaces, the schema of the values, the
 * dashboard, and with helm-docs the README. `npm run chart`; with `--check` it writes nothing, and fails if something
 * does not match. The first time Go builds helm-docs.
 */
import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from '../programs/build.ts';
import { generatedFiles } from './chart/files.ts';

const chart = fileURLToPath(new URL('../charts/netpol-guard/', import.meta.url));
const wanted = new Map(generatedFiles());
const helmDocs = join(await build('helm-docs'), 'helm-docs');
const asked = ['--chart-search-root', chart, '--sort-values-order', 'file', '--log-level', 'error', '--dry-run'];
wanted.set('README.md', execFileSync(helmDocs, asked, { encoding: 'utf8' }));

const stale: string[] = [];
for (const [path, text] of wanted) {
  const standing = await readFile(join(chart, path), 'utf8').catch(() => undefined);
  if (standing !== text) stale.push(path);
}
if (process.argv.includes('--check')) {
  for (const path of stale) console.error(`charts/netpol-guard/${path} does not match the code; run npm run chart`);
  process.exitCode = stale.length > 0 ? 1 : 0;
} else {
  for (const path of stale) await writeFile(join(chart, path), wanted.get(path) ?? '');
  console.log(`charts/netpol-guard: ${wanted.size} files, ${stale.length} changed`);
}
