import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { bundle } from '../../scripts/bundle.ts';

const ROOT = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'netpol-guard-build-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** SHA-256 of each file by its name. */
function digests(dist: string): Readonly<Record<string, string>> {
  const digest = (name: string) =>
    createHash('sha256')
      .update(readFileSync(join(dist, name)))
      .digest('hex');
  return Object.fromEntries(readdirSync(dist).map((name) => [name, digest(name)]));
}

it('npm run build makes the same bytes again, in a checkout that lies elsewhere too', { timeout: 60_000 }, async () => {
  await bundle(join(folder, 'dist'));
  const elsewhere = join(folder, 'another', 'checkout');
  for (const path of ['src', 'scripts', 'package.json', 'tsconfig.json', 'docs']) {
    cpSync(join(ROOT, path), join(elsewhere, path), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(elsewhere, 'node_modules'));
  execFileSync(process.execPath, [join(elsewhere, 'scripts/build.ts')], { cwd: elsewhere });

  const first = digests(join(folder, 'dist'));
  expect(Object.keys(first).length).toBeGreaterThan(5);
  expect(digests(join(elsewhere, 'dist'))).toEqual(first);
});
