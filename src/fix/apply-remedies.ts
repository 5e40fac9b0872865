import { editText } from '../manifests/edit/edit-text.ts';
import type { Fault, FileEdit } from './fault.ts';

/** Texts are the files, by name. */
export type Texts = ReadonlyMap<string, string>;

/** Applied is what came of remedies. */
export interface Applied {
  readonly texts: Texts;
  readonly done: readonly Fault[];
  readonly refused: readonly { readonly fault: Fault; readonly reason: string }[];
}

/**
 * applyRemedies makes the edits of the remedies of faults, each whole or not at all. One that cannot be made hinders no other; what
 * only fails together with others is neither done nor refused.
 */
export function applyRemedies(texts: Texts, faults: readonly Fault[]): Applied {
  const all = edited(texts, faults);
  if ('texts' in all) return { texts: all.texts, done: faults, refused: [] };
  const [first] = faults;
  if (first === undefined || faults.length === 1) {
    return { texts, done: [], refused: first === undefined ? [] : [{ fault: first, reason: all.reason }] };
  }
  const middle = faults.length >> 1;
  const [left, right] = [faults.slice(0, middle), faults.slice(middle)].map((half) => applyRemedies(texts, half));
  if (left === undefined || right === undefined) return { texts, done: [], refused: [] };
  const refused = [...left.refused, ...right.refused];
  const done = [...left.done, ...right.done];
  const both = edited(texts, done);
  return 'texts' in both ? { texts: both.texts, done, refused } : { ...left, refused };
}

function edited(texts: Texts, faults: readonly Fault[]): { readonly texts: Texts } | { readonly reason: string } {
  const result = new Map(texts);
  const edits = faults.flatMap(({ remedy }) => remedy?.edits ?? []);
  for (const file of new Set(edits.map((edit) => edit.file))) {
    const mine = edits.filter((edit) => edit.file === file);
    const outcome = editText(texts.get(file) ?? '', mine);
    if (!('text' in outcome))
      return { reason: `${outcome.path === '' ? 'the policy' : outcome.path} ${outcome.reason}` };
    result.set(file, outcome.text);
  }
  return { texts: result };
}

/** inParallel chooses faults whose remedies have nothing to do with each other, in the given order. */
export function inParallel(faults: readonly Fault[], oneOf: ReadonlySet<string>): readonly Fault[] {
  const claimed = new Map<string, string[]>();
  const taken = new Set<string>();
  return faults.filter(({ remedy, namespace = '' }) => {
    const edits = remedy?.edits ?? [];
    if (edits.length === 0 || taken.has(namespace)) return false;
    if (edits.some((edit) => isClaimed(pathOf(edit), claimed.get(placeOf(edit)) ?? []))) return false;
    for (const edit of edits) claimed.set(placeOf(edit), [...(claimed.get(placeOf(edit)) ?? []), pathOf(edit)]);
    if (oneOf.has(namespace)) taken.add(namespace);
    return true;
  });
}

function placeOf({ file, offset }: FileEdit): string {
  return `${offset} ${file}`;
}

function pathOf({ edit }: FileEdit): string {
  return edit.kind === 'apply' ? '' : edit.path;
}

function isClaimed(path: string, others: readonly string[]): boolean {
  return others.some((other) => other.startsWith(path) || path.startsWith(other));
}
