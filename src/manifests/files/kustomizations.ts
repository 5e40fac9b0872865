import { dirname, relative, resolve } from 'node:path';
import { field, isObject, type Json } from '../../objects/fields.ts';
import { UnreadableDocument } from '../text/located.ts';
import { readDocument } from '../text/read-document.ts';
import { splitDocuments } from '../text/split-documents.ts';
import { NoFile, openFile } from './read-file.ts';

/** As kustomize looks for them (konfig.RecognizedKustomizationFileNames). */
const NAMES = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

/** How many folders above a file are looked into: a patch lies beside its kustomization, or in a folder of patches. */
const FOLDERS = 3;

/** Kustomizations tells which files are patches of one: parts of objects, and no objects. */
export class Kustomizations {
  /** By folder: the files that its kustomization names as patches. */
  private readonly patches = new Map<string, ReadonlySet<string>>();

  /** patching returns the folder of the kustomization of which a file is a patch; undefined for all others. */
  async patching(file: string): Promise<string | undefined> {
    const path = resolve(file);
    let folder = dirname(path);
    for (let i = 0; i < FOLDERS; i += 1) {
      if ((await this.patchesOf(folder)).has(path)) return relative('', folder) || '.';
      folder = dirname(folder);
    }
    return undefined;
  }

  private async patchesOf(folder: string): Promise<ReadonlySet<string>> {
    const known = this.patches.get(folder);
    if (known !== undefined) return known;
    const found = new Set<string>();
    for (const name of NAMES) {
      for (const patch of await patchesIn(resolve(folder, name))) found.add(resolve(folder, patch));
    }
    this.patches.set(folder, found);
    return found;
  }
}

/** A kustomization that cannot be read names no patches: whoever lints it hears why. */
async function patchesIn(path: string): Promise<readonly string[]> {
  try {
    const read = await (await openFile(path)).read();
    return 'problem' in read ? [] : splitDocuments(read.text).flatMap((chunk) => patchesOf(readDocument(chunk)?.value));
  } catch (error) {
    if (error instanceof UnreadableDocument || error instanceof NoFile) return [];
    if (error instanceof Error && 'code' in error) return [];
    throw error;
  }
}

function patchesOf(kustomization: unknown): readonly string[] {
  if (!isObject(kustomization)) return [];
  const resources = new Set(pathsIn(kustomization, ['resources']));
  const patches = pathsIn(kustomization, ['patches', 'patchesStrategicMerge', 'patchesJson6902']);
  return patches.filter((path) => !resources.has(path));
}

function pathsIn(kustomization: Json, keys: readonly string[]): readonly string[] {
  const listed = keys.flatMap((key) => {
    const list = field(kustomization, key);
    return Array.isArray(list) ? list : [];
  });
  return listed
    .map((item: unknown) => (isObject(item) ? field(item, 'path') : item))
    .filter((path) => typeof path === 'string');
}
