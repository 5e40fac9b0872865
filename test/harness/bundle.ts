import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** bundle builds the program, and copies it: a build that runs meanwhile pulls nothing away. */
export function bundle(): { readonly folder: string; remove(): void } {
  const root = join(import.meta.dirname, '../..');
  execFileSync(process.execPath, [join(root, 'scripts/build.ts')], { cwd: root, stdio: 'inherit' });
  const folder = mkdtempSync(join(tmpdir(), 'netpol-guard-bundle-'));
  // The package.json says that it is made of modules.
  for (const part of ['dist', 'package.json']) cpSync(join(root, part), join(folder, part), { recursive: true });
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
