import { dirname, relative, resolve } from 'node:path';
import { field, isObject, type Json } from '../../objects/fields.ts';
import { PATCHES } from '../text/kustomization.ts';
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

/** Kustomizations tells which files are patches of one. Such a file may hold parts of objects. */
export class Kustomizations {
  private readonly read = new Map<string, Kustomization>();

  /**
   * patchOf returns what the nearest kustomization that names a file as a patch says of it. It is undefined for all other
   * files, and for those that a kustomization lists as resources too: these are whole objects.
   */
  async patchOf(file: string): Promise<Patch | undefined> {
    const path = resolve(file);
    const found: Patch[] = [];
    let folder = dirname(path);
    for (let i = 0; i < FOLDERS; i += 1) {
      const { patches, resources } = await this.kustomizationIn(folder);
      if (resources.has(path)) return undefined;
      const patch = patches.get(path);
      if (patch !== undefined) found.push({ of: relative('', folder) || '.', ...patch });
      folder = dirname(folder);
    }
    return found[0];
  }

  private async kustomizationIn(folder: string): Promise<Kustomization> {
    const known = this.read.get(folder);
    if (known !== undefined) return known;
    const resources = new Set<string>();
    const patches = new Map<string, Omit<Patch, 'of'>>();
    for (const name of NAMES) {
      for (const value of await documentsIn(resolve(folder, name))) {
        for (const { path } of namedIn(value, 'resources')) resources.add(resolve(folder, path));
        for (const { path, kind } of PATCHES.flatMap((key) => namedIn(value, key)))
          patches.set(resolve(folder, path), { kind });
      }
    }
    const kustomization = { resources, patches };
    this.read.set(folder, kustomization);
    return kustomization;
  }
}

/** Kustomization is what the kustomizations of a folder name, by path. */
interface Kustomization {
  readonly resources: ReadonlySet<string>;
  readonly patches: ReadonlyMap<string, Omit<Patch, 'of'>>;
}

/** Named is a file that a kustomization names, and the kind of its target. */
interface Named {
  readonly path: string;
  readonly kind?: string | undefined;
}

/** A kustomization that cannot be read names nothing: linting it reports why. */
async function documentsIn(path: string): Promise<readonly Json[]> {
  try {
    const read = await (await openFile(path)).read();
    if ('problem' in read) return [];
    return splitDocuments(read.text)
      .map((chunk) => readDocument(chunk)?.value)
      .filter(isObject);
  } catch (error) {
    if (error instanceof UnreadableDocument || error instanceof NoFile) return [];
    if (error instanceof Error && 'code' in error) return [];
    throw error;
  }
}

function namedIn(kustomization: Json, key: string): readonly Named[] {
  const list = field(kustomization, key);
  return Array.isArray(list) ? list.map(named).filter((found) => found !== undefined) : [];
}

function named(item: unknown): Named | undefined {
  if (typeof item === 'string') return item.includes('\n') ? undefined : { path: item };
  if (!isObject(item)) return undefined;
  const [path, target] = ['path', 'target'].map((key) => field(item, key));
  const kind = isObject(target) ? field(target, 'kind') : undefined;
  return typeof path === 'string' ? { path, kind: typeof kind === 'string' ? kind : undefined } : undefined;
}
