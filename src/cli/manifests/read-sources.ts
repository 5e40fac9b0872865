import { createReadStream } from 'node:fs';
import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SourceText } from './source-text.ts';

/** The most that is read of one file, in bytes: ten times what an API server takes as one object (3 MiB). */
const FILE_MAX = 32 * 1024 * 1024;

/** Sources are the files to lint, and what stood in the way of reading others. */
export interface Sources {
  readonly texts: readonly SourceText[];
  /** Files that were found and are no text that a manifest could be: too large, not UTF-8. */
  readonly unreadable: readonly { readonly file: string; readonly message: string }[];
  /** Paths that are missing, forbidden or empty folders, as sentences. */
  readonly missing: readonly string[];
}

/** readSources reads files, folders and `-`, each file once, in the order given; folders sorted by name. */
export async function readSources(paths: readonly string[], stdin: () => AsyncIterable<Uint8Array>): Promise<Sources> {
  const texts: SourceText[] = [];
  const unreadable: { file: string; message: string }[] = [];
  const missing: string[] = [];
  const seen = new Set<string>();
  for (const path of paths) {
    try {
      for (const file of path === '-' ? ['-'] : await filesOf(path)) {
        const identity = file === '-' ? '-' : await realpath(file);
        if (seen.has(identity)) continue;
        seen.add(identity);
        const name = file === '-' ? '<stdin>' : file;
        const { text, problem } = await readText(file === '-' ? stdin() : createReadStream(file));
        if (problem === undefined) texts.push(new SourceText(name, text));
        else unreadable.push({ file: name, message: problem });
      }
    } catch (error) {
      missing.push(reasonOf(error, path));
    }
  }
  return { texts, unreadable, missing };
}

async function filesOf(path: string): Promise<readonly string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const files = await manifestsIn(path);
  if (files.length === 0) throw new Error(`${path}: the folder holds no *.yaml, *.yml or *.json`);
  return files;
}

/** Links are left alone, so that no folder is read twice or for ever. */
async function manifestsIn(folder: string): Promise<readonly string[]> {
  const files: string[] = [];
  const names = (await readdir(folder)).sort();
  for (const name of names) {
    const path = join(folder, name);
    const entry = await lstat(path);
    if (entry.isDirectory() && name !== 'node_modules' && !name.startsWith('.'))
      files.push(...(await manifestsIn(path)));
    else if (entry.isFile() && /\.(ya?ml|json)$/.test(name)) files.push(path);
  }
  return files;
}

async function readText(chunks: AsyncIterable<Uint8Array>): Promise<{ text: string; problem?: string }> {
  const read: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > FILE_MAX) return { text: '', problem: `is larger than ${FILE_MAX / 1024 / 1024} MiB; split it` };
    read.push(chunk);
  }
  try {
    // A byte order mark at the very beginning is dropped, as kubectl does.
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(read)) };
  } catch {
    return { text: '', problem: 'is not UTF-8' };
  }
}

function reasonOf(error: unknown, path: string): string {
  if (!(error instanceof Error)) return `${path}: ${String(error)}`;
  const code = 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return `${path}: no such file or folder`;
  if (code === 'EACCES') return `${path}: permission denied`;
  return code === undefined ? error.message : `${path}: ${error.message}`;
}
