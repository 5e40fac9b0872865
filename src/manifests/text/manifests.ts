import type { Json } from '../../objects/fields.ts';
import type { Dialects } from '../../policy/dialects/dialects.ts';
import { type DecodedDocument, type Located, offsetOf, UnreadableDocument } from './located.ts';
import { noManifest, otherOutput } from './no-manifest.ts';
import { type Opened, openLists } from './open-lists.ts';
import { isOurs } from './policy-kinds.ts';
import { readDocument } from './read-document.ts';
import { misleadingKey } from './repeated-keys.ts';
import type { Position, SourceText } from './source-text.ts';
import { type Chunk, splitDocuments } from './split-documents.ts';

/** Manifest is one object of a file: a document of its own, an item of a list, or within another object. */
export interface Manifest {
  readonly source: SourceText;
  readonly value: Json;
  /** Empty if the object has none. */
  readonly apiVersion: string;
  readonly kind: string;
  /** Paths of NetworkPolicies within it that change before they reach the cluster. */
  readonly holds: readonly string[];
  /** locate returns the place of a field path, or of the nearest existing one above it. */
  locate(path: string, onKey?: boolean): Position;
}

/** UnreadableManifest is a document that cannot be read. */
export interface UnreadableManifest extends Position {
  readonly source: SourceText;
  readonly message: string;
}

/** Manifests are the policies and Namespaces of all files, and the unreadable documents. */
export interface Manifests {
  readonly objects: readonly Manifest[];
  readonly unreadable: readonly UnreadableManifest[];
  /** Documents that were probably not meant for a cluster, and that kubectl would refuse: settings, lists. */
  readonly strays: readonly UnreadableManifest[];
  /** Non-empty YAML documents, readable or not. */
  readonly documents: number;
  /** documentsOf returns how many of them a file has. */
  documentsOf(file: string): number;
}

/** readManifests reads every document of every file; a broken one does not hide the others. */
export function readManifests(sources: readonly SourceText[], dialects?: Dialects): Manifests {
  const reader = new ManifestReader(dialects);
  for (const source of sources) for (const chunk of splitDocuments(source.text)) reader.add(source, chunk);
  return reader;
}

class ManifestReader implements Manifests {
  readonly objects: Manifest[] = [];
  readonly unreadable: UnreadableManifest[] = [];
  readonly strays: UnreadableManifest[] = [];
  documents = 0;
  private readonly byFile = new Map<string, number>();
  private readonly dialects: Dialects | undefined;
  private readonly places = new Places();

  constructor(dialects: Dialects | undefined) {
    this.dialects = dialects;
  }

  add(source: SourceText, chunk: Chunk): void {
    try {
      const document = readDocument(chunk);
      if (document === undefined) return;
      this.addDocument(source, chunk, document);
    } catch (error) {
      if (!(error instanceof UnreadableDocument)) throw error;
      const message = otherOutput(chunk.text) ?? withHint(error.message, chunk.text);
      this.unreadable.push({ source, message, ...source.positionAt(error.offset) });
    }
    this.documents += 1;
    this.byFile.set(source.file, this.documentsOf(source.file) + 1);
  }

  documentsOf(file: string): number {
    return this.byFile.get(file) ?? 0;
  }

  private addDocument(source: SourceText, chunk: Chunk, document: DecodedDocument): void {
    const opened = openLists(document);
    const problem = noManifest(document, opened, chunk.text);
    if (problem !== undefined) {
      const place = { source, message: problem.message, ...source.positionAt(document.offset) };
      (problem.isMeantAsOne ? this.unreadable : this.strays).push(place);
      return;
    }
    const twice = misleadingKey(document.repeatedKeys, opened, this.dialects);
    if (twice !== undefined) {
      throw new UnreadableDocument(`the key ${JSON.stringify(twice.key)} is given twice`, twice.offset);
    }
    for (const object of opened) {
      if (object.holds.length === 0 && !isOurs(object, this.dialects)) continue;
      this.objects.push(manifestOf(source, object, () => this.places.of(chunk)));
    }
  }
}

function manifestOf(source: SourceText, { path: at, ...object }: Opened, located: () => Located): Manifest {
  const prefix = at === '' ? '' : `${at}.`;
  const locate = (path: string, onKey?: boolean) => source.positionAt(offsetOf(located(), prefix + path, onKey));
  return { source, ...object, locate };
}

/**
 * Places are found by reading a document again, the last one being kept: only documents with findings need them, and
 * keeping them for all would cost a hundred times the size of the files.
 */
class Places {
  private last: { readonly chunk: Chunk; readonly located: Located } | undefined;

  of(chunk: Chunk): Located {
    if (this.last?.chunk !== chunk) {
      this.last = { chunk, located: readDocument(chunk) ?? { value: null, offset: chunk.offset } };
    }
    return this.last.located;
  }
}

function withHint(message: string, text: string): string {
  if (!/\{\{/.test(text)) return message;
  return `${message}; if this is a template, lint what it renders: helm template . | netpol-guard lint -`;
}
