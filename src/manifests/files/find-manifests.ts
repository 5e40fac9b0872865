import { readdir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';

/** FoundFile is an entry of a folder that kubectl would open, whatever it turns out to be. */
export interface FoundFile {
  /** The folder as the user named it, and the path from there: a link by its own name. */
  readonly path: string;
  /** The same in the bytes of the disk: a name need not be UTF-8, and kubectl opens it all the same. */
  readonly bytes: Buffer;
  /** Whether it is a symbolic link to a target outside the folder. */
  readonly outside: boolean;
}

/** FoundManifests are the contents of a folder. */
export interface FoundManifests {
  readonly files: readonly FoundFile[];
  /** Symbolic links to folders: kubectl does not follow them. */
  readonly linkedFolders: readonly string[];
  /** Folders that cannot be read, possibly including itself, and the system's error. */
  readonly unreadable: readonly { readonly path: string; readonly error: unknown }[];
}

/**
 * findManifests walks a folder as `kubectl --recursive` does (ExpandPathsToFileVisitors in k8s.io/cli-runtime), sorted
 * by name: a symbolic link counts as a file by its own ending and is never entered, so that no walk goes in circles.
 * Hidden folders and node_modules are skipped. A folder that cannot be read hides no other. Throws if there is no
 * folder.
 */
export async function findManifests(folder: string): Promise<FoundManifests> {
  const files: FoundFile[] = [];
  const linkedFolders: string[] = [];
  const unreadable: { path: string; error: unknown }[] = [];
  const home = textOf(await realpath(folder, 'buffer'));
  const walk = async (within: string, bytesWithin: Buffer): Promise<void> => {
    const entries = await readdir(bytesWithin, { withFileTypes: true, encoding: 'buffer' }).catch((error: unknown) => {
      unreadable.push({ path: within, error });
      return [];
    });
    for (const entry of entries.sort((a, b) => Buffer.compare(a.name, b.name))) {
      const path = join(within, shown(entry.name));
      const bytes = Buffer.concat([bytesWithin, Buffer.from(sep), entry.name]);
      if (entry.isDirectory()) {
        if (isWalked(textOf(entry.name))) await walk(path, bytes);
      } else if (/\.(ya?ml|json)$/.test(textOf(entry.name))) {
        files.push({ path, bytes, outside: entry.isSymbolicLink() && (await leadsOut(bytes, home)) });
      } else if (entry.isSymbolicLink() && (await isFolder(bytes))) linkedFolders.push(path);
    }
  };
  await walk(folder, Buffer.from(folder));
  return { files, linkedFolders, unreadable };
}

/** textOf is a text with one character for each byte, only for comparisons. */
function textOf(bytes: Buffer): string {
  return bytes.toString('latin1');
}

function shown(name: Buffer): string {
  const text = name.toString();
  if (Buffer.from(text).equals(name)) return text;
  return textOf(name).replaceAll(/[\u0080-\u00ff]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16)}`);
}

function isWalked(name: string): boolean {
  return name !== 'node_modules' && !name.startsWith('.');
}

async function leadsOut(link: Buffer, home: string): Promise<boolean> {
  try {
    return !textOf(await realpath(link, 'buffer')).startsWith(`${home}${home.endsWith(sep) ? '' : sep}`);
  } catch {
    // It is broken, which opening it shows.
    return true;
  }
}

async function isFolder(path: Buffer): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}
