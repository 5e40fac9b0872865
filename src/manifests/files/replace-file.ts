import type { BigIntStats } from 'node:fs';
import { access, chmod, chown, constants, mkdir, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { sep } from 'node:path';
import { identityOf, NoFile } from './read-file.ts';

/** What a file may begin with that is not part of its text. */
const MARK = '\ufeff';

/** Origin is the file from which a text was read. */
export interface Origin {
  /** As it was opened; the bytes on disk if it was found in a folder. */
  readonly path: string | Buffer;
  /** As in OpenedFile. */
  readonly identity: string;
}

/**
/**
 * replaceFile replaces the text of a file atomically: a reader finds the old or the new text. Its mode, its owner and
 * its byte order mark stay; a symbolic link stays, and its target is replaced. Throws NoFile if the file may not be
 * written, is not the file that was read, or no longer contains `before`.
 */
export async function replaceFile({ path, identity }: Origin, before: string, after: string): Promise<void> {
  const file = await realpath(path, 'buffer');
  const found = await stat(file, { bigint: true });
  await demandWritable(file, found);
  demandSame(found, identity);
  const text = await readFile(file, 'utf8');
  const mark = text.startsWith(MARK) ? MARK : '';
  if (text !== mark + before) throw new NoFile('has changed since it was read; it is left as it is');
  // Beside it, since a rename cannot cross file systems.
  const folder = await makeFolder(file);
  try {
    const copy = joined(folder, 'copy');
    await writeDurably(copy, mark + after);
    await keepOwner(copy, found);
    await chmod(copy, Number(found.mode) & 0o7777);
    demandSame(await stat(file, { bigint: true }), identity);
    await rename(copy, file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Paths are bytes, since the name of a folder need not be UTF-8. */
function joined(folder: Buffer, name: string): Buffer {
  return Buffer.concat([folder, Buffer.from(sep + name)]);
}

/** How many names are tried for a new folder. */
const NAMES = 10;

/** mkdtemp does not accept bytes. */
async function makeFolder(file: Buffer): Promise<Buffer> {
  const parent = file.subarray(0, file.lastIndexOf(sep));
  for (let i = 1; ; i += 1) {
    const folder = joined(parent, `.netpol-guard-${Math.random().toString(36).slice(2)}`);
    try {
      await mkdir(folder, 0o700);
      return folder;
    } catch (error) {
      const isTaken = error instanceof Error && 'code' in error && error.code === 'EEXIST';
      if (!isTaken || i === NAMES) throw error;
    }
  }
}

/** Another user may put something else at the path, such as a link to a file with the same text. */
function demandSame(found: BigIntStats, identity: string): void {
  if (identityOf(found) === identity) return;
  throw new NoFile('has been replaced since it was read; it is left as it is');
}

/** Root may write everything, so the mode is checked too: a file without write permission is meant to stay. */
async function demandWritable(file: Buffer, found: BigIntStats): Promise<void> {
  if (!found.isFile()) throw new NoFile('is not a file that can be replaced');
  const isWritable = (found.mode & 0o222n) !== 0n && (await access(file, constants.W_OK).then(yes, no));
  if (!isWritable) throw new NoFile('is read-only; it is left as it is');
}

async function writeDurably(path: Buffer, text: string): Promise<void> {
  const handle = await open(path, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function keepOwner(copy: Buffer, { uid, gid }: BigIntStats): Promise<void> {
  const own = await stat(copy, { bigint: true });
  if (own.uid === uid && own.gid === gid) return;
  try {
    await chown(copy, Number(uid), Number(gid));
  } catch {
    throw new NoFile('belongs to another user, and a new file could not be given to that user; it is left as it is');
  }
}

const yes = () => true;
const no = () => false;
