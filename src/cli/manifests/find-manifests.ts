import { type Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';

/** FoundFile is an entry of a folder that kubectl would open, whatever it turns out to be. */
export interface FoundFile {
  /** As the user named the folder, and the way from there: a link by its own name. */
  readonly path: string;
  /** Whether it is a symbolic link that leads out of the folder. */
  readonly outside: boolean;
}

/** FoundManifests are what a folder holds. */
export interface FoundManifests {
  readonly files: readonly FoundFile[];
  /** Symbolic links to folders: kubectl does not follow them. */
  readonly linkedFolders: readonly string[];
}

/**
 * findManifests walks a folder as `kubectl --recursive` does (ExpandPathsToFileVisitors in k8s.io/cli-runtime), sorted by
 * name: a symbolic link counts as a file by its own ending and is never entered, so that no walk goes in circles.
 * Hidden folders and node_modules are left out. Throws where a folder cannot be read.
 */
export async function findManifests(folder: string): Promise<FoundManifests> {
  const files: FoundFile[] = [];
  const linkedFolders: string[] = [];
  const home = await realpath(folder);
  const walk = async (within: string): Promise<void> => {
    const entries = (await readdir(within, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      const path = join(within, entry.name);
      if (entry.isDirectory()) {
        if (isWalked(entry)) await walk(path);
      } else if (/\.(ya?ml|json)$/.test(entry.name)) {
        files.push({ path, outside: entry.isSymbolicLink() && (await leadsOut(path, home)) });
      } else if (entry.isSymbolicLink() && (await isFolder(path))) linkedFolders.push(path);
    }
  };
  await walk(folder);
  return { files, linkedFolders };
}

function isWalked({ name }: Dirent): boolean {
  return name !== 'node_modules' && !name.startsWith('.');
}

async function leadsOut(link: string, home: string): Promise<boolean> {
  try {
    return !(await realpath(link)).startsWith(`${home}${home.endsWith(sep) ? '' : sep}`);
  } catch {
    // It leads to nothing, which whoever opens it finds out.
    return true;
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}
