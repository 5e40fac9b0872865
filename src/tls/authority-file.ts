import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** AuthorityFile is a CA certificate that clients can be pointed to. */
export interface AuthorityFile {
  readonly path: string;
  readonly remove: () => Promise<void>;
}

/** writeAuthority writes a CA certificate (PEM) into a new folder below `parent`. No key is ever written. */
export async function writeAuthority(parent: string, ca: string): Promise<AuthorityFile> {
  const folder = await mkdtemp(join(parent, 'netpol-guard-'));
  const path = join(folder, 'ca.crt');
  await writeFile(path, ca);
  return { path, remove: () => rm(folder, { recursive: true, force: true }) };
}
