import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const SCRIPT = join(import.meta.dirname, '../../../scripts/image.ts');

/** REFERENCE is what the tests call netpol-guard's image; no registry has it. */
export const REFERENCE = 'localhost/netpol-guard:test';

/** makeProductImage makes netpol-guard's image of the sources as they are, as `npm run image` does, and returns its file. */
export function makeProductImage(folder: string): string {
  const file = join(folder, 'image.tar');
  execFileSync(process.execPath, [SCRIPT, '--output', file, '--tag', REFERENCE], { stdio: 'pipe' });
  return file;
}
