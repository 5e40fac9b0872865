/**
 * Makes every file of a new dialect, with one kind of policies: `npm run create-dialect NAME GROUP/VERSION KIND`, such as
 * `cluster-network-policy policy.networking.k8s.io/v1alpha2 ClusterNetworkPolicy`.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { dialectFiles, withDialect } from './dialect-skeleton.ts';

const TABLE = 'src/policy/dialects/dialects.ts';

const [name = '', apiVersion = '', kind = ''] = process.argv.slice(2);
const [group = '', version = ''] = apiVersion.split('/');
const isWell =
  /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) &&
  /^[a-z0-9]+([-.][a-z0-9]+)+$/.test(group) &&
  /^v\d+((alpha|beta)\d+)?$/.test(version) &&
  /^[A-Z][A-Za-z0-9]*$/.test(kind);
if (!isWell) {
  console.error('usage: npm run create-dialect NAME GROUP/VERSION KIND');
  process.exit(2);
}

const dialect = { name, group, version, kind };
const files = new Map([[TABLE, withDialect(await readFile(TABLE, 'utf8'), dialect)], ...dialectFiles(dialect)]);
for (const [path, text] of files) {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  console.log(`wrote ${path}`);
}
console.log('next: docs/development.md, "Add a dialect"');
