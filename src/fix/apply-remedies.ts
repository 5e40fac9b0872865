import { DocumentEditors } from '../manifests/edit/document-editors.ts';
import { TextEditor } from '../manifests/edit/edit-text.ts';
import { Claims } from './claims.ts';
import type { Fault, FileEdit } from './fault.ts';
import { Work } from './work.ts';

/** Texts are the contents of files, by name. */
export type Texts = ReadonlyMap<string, string>;

/** sizeOf counts the characters of all files. */
export function sizeOf(texts: Texts): number {
  return [...texts.values()].reduce((size, text) => size + text.length, 0);
}

/** Applied is the result of applying remedies. */
export interface Applied {
  readonly texts: Texts;
  readonly done: readonly Fault[];
  readonly refused: readonly { readonly fault: Fault; readonly reason: string }[];
}

/**
 * applyRemedies edits texts as the remedies of faults say, each remedy whole or not at all. One that cannot be applied stops no
 * other. One that fails only together with others is neither done nor refused. Throws WorkSpent.
 */
export function applyRemedies(texts: Texts, faults: readonly Fault[], work = new Work(sizeOf(texts))): Applied {
  return new Applying(texts, work).apply(faults);
}

/** Most impossible edits are refused before anything is written, so that they need no search. */
class Applying {
  private readonly texts: Texts;
  private readonly work: Work;
  private readonly editors = new Map<string, TextEditor>();
  private readonly documents = new DocumentEditors();

  constructor(texts: Texts, work: Work) {
    this.texts = texts;
    this.work = work;
  }

  apply(faults: readonly Fault[]): Applied {
    const refused: Applied['refused'][number][] = [];
    const editable = faults.filter((fault) => {
      const reason = this.refusalOf(fault);
      if (reason !== undefined) refused.push({ fault, reason });
      return reason === undefined;
    });
    const applied = this.search(editable);
    return { ...applied, refused: [...refused, ...applied.refused] };
  }

  private search(faults: readonly Fault[]): Applied {
    const { texts } = this;
    const all = this.edited(faults);
    if ('texts' in all) return { texts: all.texts, done: faults, refused: [] };
    const [first] = faults;
    if (first === undefined || faults.length === 1) {
      return { texts, done: [], refused: first === undefined ? [] : [{ fault: first, reason: all.reason }] };
    }
    const middle = faults.length >> 1;
    const left = this.search(faults.slice(0, middle));
    const right = this.search(faults.slice(middle));
    const refused = [...left.refused, ...right.refused];
    const done = [...left.done, ...right.done];
    const both = this.edited(done);
    return 'texts' in both ? { texts: both.texts, done, refused } : { ...left, refused };
  }

  private refusalOf({ remedy }: Fault): string | undefined {
    for (const [file, edits] of byFile(remedy?.edits ?? [])) {
      const refusal = this.editorOf(file).refusalOf(edits);
      if (refusal !== undefined) return reasonOf(refusal);
    }
    return undefined;
  }

  private edited(faults: readonly Fault[]): { readonly texts: Texts } | { readonly reason: string } {
    const result = new Map(this.texts);
    const edits = byFile(faults.flatMap(({ remedy }) => remedy?.edits ?? []));
    this.work.spend([...edits.keys()].reduce((size, file) => size + (this.texts.get(file)?.length ?? 0), 0));
    for (const [file, mine] of edits) {
      const outcome = this.editorOf(file).edit(mine);
      if (!('text' in outcome)) return { reason: reasonOf(outcome) };
      result.set(file, outcome.text);
    }
    return { texts: result };
  }

  private editorOf(file: string): TextEditor {
    const editor = this.editors.get(file) ?? new TextEditor(this.texts.get(file) ?? '', this.documents);
    this.editors.set(file, editor);
    return editor;
  }
}

function byFile(edits: readonly FileEdit[]): ReadonlyMap<string, readonly FileEdit[]> {
  const found = new Map<string, FileEdit[]>();
  for (const edit of edits) {
    const mine = found.get(edit.file);
    if (mine === undefined) found.set(edit.file, [edit]);
    else mine.push(edit);
  }
  return found;
}

function reasonOf({ path, reason }: { readonly path: string; readonly reason: string }): string {
  return `${path === '' ? 'the policy' : path} ${reason}`;
}

/**
 * inParallel chooses faults with independent remedies, in the given order. `most` is the limit for each namespace; a
 * namespace without an entry has none.
 */
export function inParallel(faults: readonly Fault[], most: ReadonlyMap<string, number>): readonly Fault[] {
  const claims = new Claims();
  const taken = new Map<string, number>();
  return faults.filter(({ remedy, namespace = '' }) => {
    const edits = remedy?.edits ?? [];
    const count = taken.get(namespace) ?? 0;
    if (edits.length === 0 || count >= (most.get(namespace) ?? Number.POSITIVE_INFINITY)) return false;
    if (!edits.every((edit) => claims.isFree(edit))) return false;
    for (const edit of edits) claims.claim(edit);
    taken.set(namespace, count + 1);
    return true;
  });
}
