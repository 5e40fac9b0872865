/** Makes every file of a new rule: `npm run create-rule ID`. The id states the bad thing, such as `dns-open-to-moon`. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { EXAMPLE, ruleFile, withRule } from './rule-skeleton.ts';

const INDEX = 'src/policy/rules/index.ts';

const id = process.argv[2] ?? '';
if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)+$/.test(id)) {
  console.error(`create-rule: ${JSON.stringify(id)} is not a rule id; name the problem in words: dns-open-to-moon`);
  process.exit(2);
}

const files = new Map([
  [INDEX, withRule(await readFile(INDEX, 'utf8'), id)],
  [`src/policy/rules/${id}.ts`, ruleFile(id)],
  [`test/rules/${id}/invalid/example.yaml`, EXAMPLE],
  [`test/rules/${id}/valid/example.yaml`, EXAMPLE],
]);
for (const [path, text] of files) {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  console.log(`wrote ${path}`);
}
console.log('next: docs/development.md, "Add a rule"');
