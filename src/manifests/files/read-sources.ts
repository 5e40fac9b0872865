import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { type Maker, SourceText } from '../text/source-text.ts';
import { chartOf } from './chart-of.ts';
import { type FoundFile, findManifests } from './find-manifests.ts';
import { Kustomizations } from './kustomizations.ts';
import { NoFile, type OpenedFile, openFile, type ReadText, readStream } from './read-file.ts';

/** Sources are the files to lint, and the problems with reading others. */
export interface Sources {
  readonly texts: readonly SourceText[];
  /** Files that were found but are not a text that a manifest could be: too large, not UTF-8. */
  readonly unreadable: readonly { readonly file: string; readonly message: string }[];
  /** Paths that are missing or forbidden, as sentences. */
  readonly missing: readonly string[];
  /** Folders that hold no manifests, as sentences. */
  readonly emptyFolders: readonly string[];
  /** Entries of the folders that were not judged although kubectl would read them, as sentences. */
  readonly passedOver: readonly string[];
  /** Targets of symbolic links that point outside the folder: their content must not be shown. */
  readonly outside: ReadonlySet<string>;
  /** Standard input and other pipes: another program wrote them, and may have failed unnoticed. */
  readonly piped: ReadonlySet<string>;
}

/** The shell's names for standard input. It may be a socket, which cannot be opened by its name. */
const STDIN: ReadonlySet<string> = new Set(['/dev/stdin', '/dev/fd/0', '/proc/self/fd/0']);

/** readSources reads files, folders and `-`, each file once, in the order given; folders sorted by name. */
export async function readSources(paths: readonly string[], stdin: () => AsyncIterable<Uint8Array>): Promise<Sources> {
  const reader = new SourceReader(stdin);
  for (const path of paths) await reader.add(path);
  return reader;
}

class SourceReader implements Sources {
  readonly texts: SourceText[] = [];
  readonly unreadable: { file: string; message: string }[] = [];
  readonly missing: string[] = [];
  readonly emptyFolders: string[] = [];
  readonly passedOver: string[] = [];
  readonly outside = new Set<string>();
  readonly piped = new Set<string>();
  private readonly kustomizations = new Kustomizations();
  private readonly seen = new Set<string>();
  private readonly stdin: () => AsyncIterable<Uint8Array>;

  constructor(stdin: () => AsyncIterable<Uint8Array>) {
    this.stdin = stdin;
  }

  async add(path: string): Promise<void> {
    try {
      if (path === '-') await this.addStdin('<stdin>');
      else if (STDIN.has(path)) await this.addStdin(path);
      else await this.addPath(path);
    } catch (error) {
      this.missing.push(reasonOf(error, path));
    }
  }

  private async addStdin(file: string): Promise<void> {
    if (this.seen.has('-')) return;
    this.seen.add('-');
    await this.addPipe(file, this.stdin());
  }

  private async addPath(path: string): Promise<void> {
    const found = await stat(path);
    if (found.isDirectory()) await this.addFolder(path);
    // It ends when its writer does, as in `lint <(helm template .)`; a user who names one wants it to be read.
    else if (found.isFIFO()) await this.addPipe(path, createReadStream(path));
    else await this.addOpened(path, await openFile(path));
  }

  private async addPipe(file: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    this.piped.add(file);
    await this.keep(file, await readStream(chunks));
  }

  private async addFolder(folder: string): Promise<void> {
    const { files, linkedFolders, skippedFolders, unreadable } = await findManifests(folder);
    for (const { path, error } of unreadable) this.missing.push(reasonOf(error, path));
    for (const file of files) await this.addFound(file);
    for (const link of linkedFolders) {
      this.passedOver.push(
        `${link}: is a symbolic link to a folder, which kubectl does not follow; name the folder to judge it`,
      );
    }
    const [skipped, ...others] = skippedFolders;
    if (skipped !== undefined) {
      const more = others.length === 0 ? '' : `, and ${others.length} more like it`;
      this.passedOver.push(
        `${skipped}: netpol-guard skips hidden folders and node_modules, and kubectl does not; name it to have it judged${more}`,
      );
    }
    if (files.length === 0 && unreadable.length === 0) {
      this.emptyFolders.push(`${folder}: the folder holds no *.yaml, *.yml or *.json`);
    }
  }

  /** One that cannot be opened hides no other; kubectl would stop there. */
  private async addFound({ path, bytes, outside }: FoundFile): Promise<void> {
    if (outside) this.outside.add(path);
    try {
      await this.addOpened(path, await openFile(bytes));
    } catch (error) {
      if (error instanceof NoFile) this.passedOver.push(`${reasonOf(error, path)}; it is not judged`);
      else this.missing.push(reasonOf(error, path));
    }
  }

  private async addOpened(path: string, opened: OpenedFile): Promise<void> {
    if (this.seen.has(opened.identity)) return await opened.close();
    this.seen.add(opened.identity);
    await this.keep(path, await opened.read());
  }

  private async keep(file: string, read: ReadText): Promise<void> {
    if ('problem' in read) {
      this.unreadable.push({ file, message: read.problem });
      return;
    }
    const maker = this.piped.has(file) ? undefined : await this.makerOf(file, read.text);
    this.texts.push(new SourceText(file, read.text, maker));
  }

  private async makerOf(file: string, text: string): Promise<Maker | undefined> {
    const chart = text.includes('{{') ? await chartOf(file) : undefined;
    if (chart !== undefined) return { as: 'template', of: chart };
    const patch = await this.kustomizations.patchOf(file);
    return patch === undefined ? undefined : { as: 'patch', ...patch };
  }
}

function reasonOf(error: unknown, path: string): string {
  if (!(error instanceof Error)) return `${path}: ${String(error)}`;
  if (error instanceof NoFile) return `${path}: ${error.message}`;
  const code = 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return `${path}: no such file or folder`;
  if (code === 'EACCES' || code === 'EPERM') return `${path}: permission denied`;
  if (code === 'ELOOP') return `${path}: symbolic links go in a circle`;
  return `${path}: ${error.message}`;
}
