import type { Json } from '../../objects/fields.ts';
import type { Dialects } from '../../policy/dialects/dialects.ts';
import { type Located, offsetOf, UnreadableDocument } from './located.ts';
import { type Opened, openLists } from './open-lists.ts';
import { concernsNetworks } from './policy-kinds.ts';
import { readDocument } from './read-document.ts';
import type { Position, SourceText } from './source-text.ts';
import { type Chunk, splitDocuments } from './split-documents.ts';

/** Manifest is one object of a file, alone in its document or an item of a list. */
export interface Manifest {
  readonly source: SourceText;
  readonly value: Json;
  /** Empty where the object does not say. */
  readonly apiVersion: string;
  readonly kind: string;
  /** locate returns the place of a field path, or of the nearest one above it that is there. */
  locate(path: string, onKey?: boolean): Position;
}

/** UnreadableManifest is a document that cannot be read. */
export interface UnreadableManifest extends Position {
  readonly source: SourceText;
  readonly message: string;
}

/** Manifests are the policies and Namespaces of all files, and what could not be read. */
export interface Manifests {
  readonly objects: readonly Manifest[];
  readonly unreadable: readonly UnreadableManifest[];
  /** Non-empty YAML documents, readable or not. */
  readonly documents: number;
}

/** readManifests reads every document of every file; a broken one does not hide the others. */
export function readManifests(sources: readonly SourceText[], dialects?: Dialects): Manifests {
  const objects: Manifest[] = [];
  const unreadable: UnreadableManifest[] = [];
  let documents = 0;
  const places = new Places();
  for (const source of sources) {
    for (const chunk of splitDocuments(source.text)) {
      try {
        const located = readDocument(chunk);
        if (located === undefined) continue;
        const found = openLists(located).filter(({ apiVersion, kind }) => concernsNetworks(apiVersion, kind, dialects));
        documents += 1;
        objects.push(...found.map((object) => manifestOf(source, object, () => places.of(chunk))));
      } catch (error) {
        if (!(error instanceof UnreadableDocument)) throw error;
        documents += 1;
        unreadable.push({ source, message: withHint(error.message, chunk.text), ...source.positionAt(error.offset) });
      }
    }
  }
  return { objects, unreadable, documents };
}

function manifestOf(source: SourceText, { prefix, ...object }: Opened, located: () => Located): Manifest {
  const locate = (path: string, onKey?: boolean) => source.positionAt(offsetOf(located(), prefix + path, onKey));
  return { source, ...object, locate };
}

/**
 * Places are found by reading a document again, the last one being kept: only documents with findings need them, and
 * to keep them for all would cost a hundred times the size of the files.
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
