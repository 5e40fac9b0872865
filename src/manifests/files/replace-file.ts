import type { Stats } from 'node:fs';
import { access, chmod, chown, constants, mkdtemp, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { NoFile } from './read-file.ts';

/** What a file may begin with that is not part of its text. */
const MARK = '\ufeff';

/**
 * replaceFile replaces the text of a file atomically: a reader finds the old or the new text. Its mode, its owner and
 * its byte order mark stay; a symbolic link stays, and its target is replaced. Throws NoFile if the file may not be
 * written, or no longer contains `before`.
 */
export async function replaceFile(path: string, before: string, after: string): Promise<void> {
  const file = await realpath(path);
  const found = await stat(file);
  await demandWritable(file, found);
  const text = await readFile(file, 'utf8');
  const mark = text.startsWith(MARK) ? MARK : '';
  if (text !== mark + before) throw new NoFile('has changed since it was read; it is left as it is');
  // Beside it, since a rename cannot cross file systems.
  const folder = await mkdtemp(join(dirname(file), '.netpol-guard-'));
  try {
    const copy = join(folder, basename(file));
    await writeDurably(copy, mark + after);
    await keepOwner(copy, found);
    await chmod(copy, found.mode & 0o7777);
    await rename(copy, file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Root may write everything, so the mode is checked too: a file without write permission is meant to stay. */
async function demandWritable(file: string, found: Stats): Promise<void> {
  if (!found.isFile()) throw new NoFile('is not a file that can be replaced');
  const isWritable = (found.mode & 0o222) !== 0 && (await access(file, constants.W_OK).then(yes, no));
  if (!isWritable) throw new NoFile('is read-only; it is left as it is');
}

async function writeDurably(path: string, text: string): Promise<void> {
  const handle = await open(path, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function keepOwner(copy: string, { uid, gid }: Stats): Promise<void> {
  const own = await stat(copy);
  if (own.uid === uid && own.gid === gid) return;
  try {
    await chown(copy, uid, gid);
  } catch {
    throw new NoFile('belongs to another user, and a new file could not be given to that user; it is left as it is');
  }
}

const yes = () => true;
const no = () => false;
