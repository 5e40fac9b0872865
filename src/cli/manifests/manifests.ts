import { isObject, type JsonObject } from '../../policy/validation/shape.ts';
import { type Located, offsetOf, UnreadableDocument, walk } from './located.ts';
import { readDocument } from './read-document.ts';
import type { Position, SourceText } from './source-text.ts';
import { splitDocuments } from './split-documents.ts';

/** Manifest is one object of a file, alone in its document or an item of a List. */
export interface Manifest {
  readonly source: SourceText;
  readonly value: JsonObject;
  /** Empty where the object does not say. */
  readonly apiVersion: string;
  readonly kind: string;
  /** locate returns the place of a field path, or of the nearest one above it that is there. */
  locate(path: string, onKey?: boolean): Position;
}

/** Unreadable is a document that cannot be read. */
export interface Unreadable extends Position {
  readonly source: SourceText;
  readonly message: string;
}

/** Manifests are the objects of all files, and what could not be read. */
export interface Manifests {
  readonly objects: readonly Manifest[];
  readonly unreadable: readonly Unreadable[];
  /** Non-empty YAML documents, readable or not. */
  readonly documents: number;
}

/** readManifests reads every document of every file; a broken one does not hide the others. */
export function readManifests(sources: readonly SourceText[]): Manifests {
  const objects: Manifest[] = [];
  const unreadable: Unreadable[] = [];
  let documents = 0;
  for (const source of sources) {
    for (const chunk of splitDocuments(source.text)) {
      try {
        const located = readDocument(chunk);
        if (located === undefined) continue;
        documents += 1;
        objects.push(...objectsOf(source, located, '', 0));
      } catch (error) {
        if (!(error instanceof UnreadableDocument)) throw error;
        documents += 1;
        unreadable.push({ source, message: withHint(error.message, chunk.text), ...source.positionAt(error.offset) });
      }
    }
  }
  return { objects, unreadable, documents };
}

function withHint(message: string, text: string): string {
  if (!/\{\{/.test(text)) return message;
  return `${message}; if this is a template, lint what it renders: helm template . | netpol-guard lint -`;
}

/** Lists within Lists are opened too, as kubectl does; deeper than this nobody nests them. */
const LISTS_MAX = 10;

/** objectsOf opens Lists: anything with a kind in -List and items (meta.IsListType in kubectl's FlattenListVisitor). */
function objectsOf(source: SourceText, root: Located, prefix: string, depth: number): readonly Manifest[] {
  const { value } = walk(root, prefix).found;
  if (!isObject(value)) return [];
  const apiVersion = textOf(value['apiVersion']);
  const kind = textOf(value['kind']);
  const items = value['items'];
  if (depth < LISTS_MAX && kind.endsWith('List') && (Array.isArray(items) || items === null)) {
    const inherited = { apiVersion, kind: kind.slice(0, -'List'.length) };
    const opened = (items ?? []).flatMap((_, i) => objectsOf(source, root, `${prefix}items[${i}].`, depth + 1));
    return opened.map((item) => (item.kind === '' && inherited.kind !== '' ? { ...item, ...inherited } : item));
  }
  return [{ source, value, apiVersion, kind, locate: (path, onKey) => place(source, root, prefix + path, onKey) }];
}

function place(source: SourceText, root: Located, path: string, onKey = false): Position {
  return source.positionAt(offsetOf(root, path, onKey));
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
