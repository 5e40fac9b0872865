import { blockYaml } from '../../objects/block-yaml.ts';
import type { Json } from '../../objects/fields.ts';
import type { Edit } from '../../policy/model/fix.ts';
import { type Chunk, splitDocuments } from '../text/split-documents.ts';
import type { ValueEdit } from './change.ts';
import { editDocument } from './document-editor.ts';
import { breakAt } from './lines.ts';
import { NotEditable, unsafe } from './not-editable.ts';
import { isJson } from './style.ts';

/** ObjectEdit is an edit of the object that begins at an offset of a text, in UTF-16 units. */
export interface ObjectEdit {
  readonly offset: number;
  readonly edit: Edit;
}

/** Edited is a text with all edits made, or the reason why none was. */
export type Edited =
  | { readonly text: string }
  | {
      /** Path within the object where it failed; empty for the object itself. */
      readonly path: string;
      /** The rest of a sentence that begins with the path. */
      readonly reason: string;
    };

/**
 * editText makes edits in the text of a YAML or JSON file. Everything else stays as it is, byte for byte. All paths
 * refer to the objects as they are written in `text`. The result has been read again, and has the intended meaning: if
 * it had not, for example because an alias repeats what changes, nothing is edited.
 */
export function editText(text: string, edits: readonly ObjectEdit[]): Edited {
  try {
    return { text: edited(text, edits) };
  } catch (error) {
    if (error instanceof NotEditable) return { path: error.path, reason: error.message };
    // Thousands of brackets within each other overflow the stack.
    if (error instanceof RangeError) return { path: '', reason: 'is nested too deeply' };
    throw error;
  }
}

function edited(text: string, edits: readonly ObjectEdit[]): string {
  const parts: string[] = [];
  let at = 0;
  let done = 0;
  for (const chunk of splitDocuments(text)) {
    const end = chunk.offset + chunk.text.length;
    const mine = edits.filter(({ offset }) => offset >= chunk.offset && offset < end);
    if (mine.length === 0) continue;
    done += mine.length;
    parts.push(text.slice(at, chunk.offset), editedChunk(text, chunk, mine));
    at = end;
  }
  if (done !== edits.length) throw new NotEditable('', 'is not where it was');
  const result = parts.join('') + text.slice(at);
  demandDocuments(result, splitDocuments(text).length + edits.filter(({ edit }) => edit.kind === 'apply').length);
  return result;
}

/** Added text must not be split into documents, nor turn the file into another kind of stream. */
function demandDocuments(text: string, count: number): void {
  if (splitDocuments(text).length !== count) throw unsafe();
}

function editedChunk(text: string, chunk: Chunk, edits: readonly ObjectEdit[]): string {
  const applied = edits.flatMap(({ edit }) => (edit.kind === 'apply' ? [edit.object] : []));
  const values = new Map<number, ValueEdit[]>();
  for (const { offset, edit } of edits) {
    if (edit.kind === 'apply') continue;
    const place = offset - chunk.offset;
    values.set(place, [...(values.get(place) ?? []), edit]);
  }
  const result = values.size === 0 ? chunk.text : editDocument(chunk.text, values);
  return result + applied.map((object) => documentOf(object, text, chunk)).join('');
}

/** documentOf writes another document after a document of a YAML file. */
function documentOf(object: Json, text: string, chunk: Chunk): string {
  if (text.trimStart().startsWith('{') && isJson(chunk.text)) {
    throw new NotEditable('', 'is in a JSON file, to which no policy can be added; apply that one by itself');
  }
  const newline = breakAt(chunk.text, 0);
  const isOpen = !chunk.text.endsWith('\n');
  const lines = ['---', ...blockYaml(object)].join(newline);
  return isOpen ? newline + lines : lines + newline;
}
