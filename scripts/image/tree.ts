import { chmod, copyFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ImageFile } from './archive.ts';

/** writeTree writes the files of an image into a folder that is not there yet, for a Dockerfile to copy. */
export async function writeTree(files: readonly ImageFile[], folder: string): Promise<void> {
  await mkdir(folder);
  for (const file of files) {
    const path = join(folder, file.path);
    await mkdir(dirname(path), { recursive: true });
    if ('link' in file) {
      await symlink(file.link, path);
      continue;
    }
    await ('content' in file ? writeFile(path, file.content) : copyFile(file.source, path));
    await chmod(path, file.mode ?? 0o644);
  }
}
