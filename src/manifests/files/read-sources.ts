import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { SourceText } from '../text/source-text.ts';
import { type FoundFile, findManifests } from './find-manifests.ts';
import { NoFile, type OpenedFile, openFile, type ReadText, readStream } from './read-file.ts';

/** Sources are the files to lint, and what stood in the way of reading others. */
export interface Sources {
  readonly texts: readonly SourceText[];
  /** Files that were found and are no text that a manifest could be: too large, not UTF-8. */
  readonly unreadable: readonly { readonly file: string; readonly message: string }[];
  /** Paths that are missing, forbidden or empty folders, as sentences. */
  readonly missing: readonly string[];
  /** What lies in the folders and was not judged though kubectl would look at it, as sentences. */
  readonly passedOver: readonly string[];
  /** Files that a symbolic link out of its folder led to: their content is not to be shown. */
  readonly outside: ReadonlySet<string>;
}

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
  readonly passedOver: string[] = [];
  readonly outside = new Set<string>();
  private readonly seen = new Set<string>();
  private readonly stdin: () => AsyncIterable<Uint8Array>;

  constructor(stdin: () => AsyncIterable<Uint8Array>) {
    this.stdin = stdin;
  }

  async add(path: string): Promise<void> {
    try {
      if (path === '-') await this.addStdin();
      else if ((await stat(path)).isDirectory()) await this.addFolder(path);
      else if (await isHandedOver(path)) this.keep(path, await readStream(createReadStream(path)));
      else await this.addOpened(path, await openFile(path));
    } catch (error) {
      this.missing.push(reasonOf(error, path));
    }
  }

  private async addStdin(): Promise<void> {
    if (this.seen.has('-')) return;
    this.seen.add('-');
    this.keep('<stdin>', await readStream(this.stdin()));
  }

  private async addFolder(folder: string): Promise<void> {
    const { files, linkedFolders } = await findManifests(folder);
    for (const file of files) await this.addFound(file);
    for (const link of linkedFolders) {
      this.passedOver.push(
        `${link}: is a symbolic link to a folder, which kubectl does not follow; name it to have it judged`,
      );
    }
    if (files.length === 0) throw new NoFile('the folder holds no *.yaml, *.yml or *.json');
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
    this.keep(path, await opened.read());
  }

  private keep(file: string, read: ReadText): void {
    if ('text' in read) this.texts.push(new SourceText(file, read.text));
    else this.unreadable.push({ file, message: read.problem });
  }
}

/** A pipe that the shell has opened for this process, as in `lint <(helm template .)`, ends when its writer does. */
async function isHandedOver(path: string): Promise<boolean> {
  return /^\/(dev|proc\/self)\/(fd\/\d+|stdin)$/.test(path) && (await stat(path)).isFIFO();
}

function reasonOf(error: unknown, path: string): string {
  if (!(error instanceof Error)) return `${path}: ${String(error)}`;
  if (error instanceof NoFile) return `${path}: ${error.message}`;
  const code = 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return `${path}: no such file or folder`;
  if (code === 'EACCES') return `${path}: permission denied`;
  return `${path}: ${error.message}`;
}
