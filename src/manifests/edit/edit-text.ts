import { blockYaml } from '../../objects/block-yaml.ts';
import type { Json } from '../../objects/fields.ts';
import type { Edit } from '../../policy/model/fix.ts';
import { type Chunk, splitDocuments } from '../text/split-documents.ts';
import type { ValueEdit } from './change.ts';
import { DocumentEditors } from './document-editors.ts';
import { breakAt } from './lines.ts';
import { NotEditable, unsafe } from './not-editable.ts';
import { isJson } from './style.ts';

/** ObjectEdit is an edit of the object that begins at an offset of a text, in UTF-16 units. */
export interface ObjectEdit {
  readonly offset: number;
  readonly edit: Edit;
}

/** Refusal is the reason why no edit is made. */
export interface Refusal {
  /** Path within the object where it failed; empty for the object itself. */
  readonly path: string;
  /** The rest of a sentence that begins with the path. */
  readonly reason: string;
}

/** Edited is a text with all edits made, or the reason why none was. */
export type Edited = { readonly text: string } | Refusal;

/** editText makes edits in the text of a YAML or JSON file, as a TextEditor does. */
export function editText(text: string, edits: readonly ObjectEdit[]): Edited {
  return new TextEditor(text).edit(edits);
}

/**
 * TextEditor makes edits in the text of a YAML or JSON file. Everything else stays as it is, byte for byte, and no
 * comment is lost. All paths refer to the objects as they are written in the text. It reads each document once, however
 * many edits are tried.
 */
export class TextEditor {
  private readonly text: string;
  private readonly chunks: readonly Chunk[];
  private readonly editors: DocumentEditors;

  constructor(text: string, editors = new DocumentEditors()) {
    this.text = text;
    this.editors = editors;
    this.chunks = splitDocuments(text);
  }

  /** refusalOf returns why edits fail by themselves, before the text is written; undefined if they do not. */
  refusalOf(edits: readonly ObjectEdit[]): Refusal | undefined {
    const refused = attempt(() => {
      for (const [chunk, mine] of this.byChunk(edits)) {
        const { values, applied } = sorted(chunk, mine);
        if (values.size > 0) this.editors.of(chunk).demandEditable(values);
        for (const object of applied) documentOf(object, this.text, chunk);
      }
      return '';
    });
    return 'text' in refused ? undefined : refused;
  }

  /**
   * edit makes all edits, or none. The result has been read again, and has the intended meaning: if it had not, for
   * example because an alias repeats what changes, nothing is edited.
   */
  edit(edits: readonly ObjectEdit[]): Edited {
    return attempt(() => this.edited(edits));
  }

  private edited(edits: readonly ObjectEdit[]): string {
    const parts: string[] = [];
    let at = 0;
    for (const [chunk, mine] of this.byChunk(edits)) {
      parts.push(this.text.slice(at, chunk.offset), this.editedChunk(chunk, mine));
      at = chunk.offset + chunk.text.length;
    }
    const result = parts.join('') + this.text.slice(at);
    demandDocuments(result, this.chunks.length + edits.filter(({ edit }) => edit.kind === 'apply').length);
    return result;
  }

  private editedChunk(chunk: Chunk, edits: readonly ObjectEdit[]): string {
    const { values, applied } = sorted(chunk, edits);
    const result = values.size === 0 ? chunk.text : this.editors.of(chunk).edited(values);
    return result + applied.map((object) => documentOf(object, this.text, chunk)).join('');
  }

  /** The edits of each chunk, in the order of the text. */
  private byChunk(edits: readonly ObjectEdit[]): readonly (readonly [Chunk, readonly ObjectEdit[]])[] {
    const found = new Map<Chunk, ObjectEdit[]>();
    for (const edit of edits) {
      const chunk = this.chunkAt(edit.offset);
      const mine = found.get(chunk);
      if (mine === undefined) found.set(chunk, [edit]);
      else mine.push(edit);
    }
    return [...found].sort(([a], [b]) => a.offset - b.offset);
  }

  private chunkAt(offset: number): Chunk {
    let [low, high] = [0, this.chunks.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.chunks[middle]?.offset ?? 0) <= offset) low = middle;
      else high = middle;
    }
    const chunk = this.chunks[low];
    if (chunk === undefined || offset < chunk.offset || offset >= chunk.offset + chunk.text.length) {
      throw new NotEditable('', 'is not where it was');
    }
    return chunk;
  }
}

function attempt(edit: () => string): Edited {
  try {
    return { text: edit() };
  } catch (error) {
    if (error instanceof NotEditable) return { path: error.path, reason: error.message };
    // Thousands of brackets within each other overflow the stack.
    if (error instanceof RangeError) return { path: '', reason: 'is nested too deeply' };
    throw error;
  }
}

/** Added text must not be split into documents, nor turn the file into another kind of stream. */
function demandDocuments(text: string, count: number): void {
  if (splitDocuments(text).length !== count) throw unsafe();
}

/** sorted returns the edits of values by the offset of the object in the chunk, and the policies to apply after it. */
function sorted(chunk: Chunk, edits: readonly ObjectEdit[]) {
  const values = new Map<number, ValueEdit[]>();
  const applied: Json[] = [];
  for (const { offset, edit } of edits) {
    if (edit.kind === 'apply') {
      applied.push(edit.object);
      continue;
    }
    const place = offset - chunk.offset;
    const mine = values.get(place);
    if (mine === undefined) values.set(place, [edit]);
    else mine.push(edit);
  }
  return { values, applied };
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
