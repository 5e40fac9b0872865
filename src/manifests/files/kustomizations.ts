import { dirname, relative, resolve } from 'node:path';
import { field, isObject, type Json } from '../../objects/fields.ts';
import { UnreadableDocument } from '../text/located.ts';
import { readDocument } from '../text/read-document.ts';
import { splitDocuments } from '../text/split-documents.ts';
import { NoFile, openFile } from './read-file.ts';

/** As kustomize looks for them (konfig.RecognizedKustomizationFileNames). */
const NAMES = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

/** How many folders above a file are searched: a patch is beside its kustomization, or in a folder of patches. */
const FOLDERS = 3;

/** Patch is a file that a kustomization lists as a patch, and its target. */
export interface Patch {
  /** The folder of the kustomization. */
  readonly of: string;
  /** The kind that it is for, if given. */
  readonly kind?: string | undefined;
}

/** Kustomizations tells which files are patches of one: parts of objects, not whole objects. */
export class Kustomizations {
  /** By folder, and by the files that its kustomization names as patches. */
  private readonly patches = new Map<string, ReadonlyMap<string, Patch>>();

  /** patchOf returns the patch that a file is, by its kustomization; undefined for all other files. */
  async patchOf(file: string): Promise<Patch | undefined> {
    const path = resolve(file);
    let folder = dirname(path);
    for (let i = 0; i < FOLDERS; i += 1) {
      const patch = (await this.patchesOf(folder)).get(path);
      if (patch !== undefined) return patch;
      folder = dirname(folder);
    }
    return undefined;
  }

  private async patchesOf(folder: string): Promise<ReadonlyMap<string, Patch>> {
    const known = this.patches.get(folder);
    if (known !== undefined) return known;
    const found = new Map<string, Patch>();
    const of = relative('', folder) || '.';
    for (const name of NAMES) {
      for (const { path, kind } of await patchesIn(resolve(folder, name)))
        found.set(resolve(folder, path), { of, kind });
    }
    this.patches.set(folder, found);
    return found;
  }
}

/** Named is a file that a kustomization names, and the kind of its target. */
interface Named {
  readonly path: string;
  readonly kind?: string | undefined;
}

/** A kustomization that cannot be read names no patches: linting it reports why. */
async function patchesIn(path: string): Promise<readonly Named[]> {
  try {
    const read = await (await openFile(path)).read();
    if ('problem' in read) return [];
    return splitDocuments(read.text).flatMap((chunk) => patchesOf(readDocument(chunk)?.value, path));
  } catch (error) {
    if (error instanceof UnreadableDocument || error instanceof NoFile) return [];
    if (error instanceof Error && 'code' in error) return [];
    throw error;
  }
}

/**
 * A file that is also among the resources is a whole object. A patch may be written into the kustomization, at
 * `itself`.
 */
function patchesOf(kustomization: unknown, itself: string): readonly Named[] {
  if (!isObject(kustomization)) return [];
  const resources = new Set(namedIn(kustomization, 'resources', itself).map(({ path }) => path));
  const patches = ['patches', 'patchesStrategicMerge', 'patchesJson6902'].flatMap((key) =>
    namedIn(kustomization, key, itself),
  );
  return patches.filter(({ path }) => !resources.has(path));
}

function namedIn(kustomization: Json, key: string, itself: string): readonly Named[] {
  const list = field(kustomization, key);
  return Array.isArray(list) ? list.map((item) => named(item, itself)).filter((found) => found !== undefined) : [];
}

function named(item: unknown, itself: string): Named | undefined {
  if (typeof item === 'string') return item.includes('\n') ? inline(item, itself) : { path: item };
  if (!isObject(item)) return undefined;
  const [path, target, patch] = ['path', 'target', 'patch'].map((key) => field(item, key));
  const kind = isObject(target) ? field(target, 'kind') : undefined;
  if (typeof path === 'string') return { path, kind: typeof kind === 'string' ? kind : undefined };
  return typeof patch === 'string' ? inline(`${String(kind)} ${patch}`, itself) : undefined;
}

function inline(patch: string, itself: string): Named | undefined {
  return patch.includes('NetworkPolicy') ? { path: itself, kind: 'NetworkPolicy' } : undefined;
}
