import { isMap, isScalar, isSeq } from 'yaml';
import { isObject } from '../../objects/fields.ts';
import { isSameJson } from '../../objects/same-json.ts';
import type { Comments } from './comments.ts';
import { columnOf, lineEnd, withoutLastBreak } from './lines.ts';
import { type Slot, slotsOf } from './slot.ts';

/** Spare is a field of a removed item. If an equal field is added elsewhere, its text moves there, with comments and quotes. */
export interface Spare {
  readonly key: string;
  readonly value: unknown;
  readonly field: Slot;
  readonly item: Slot;
}

interface Page {
  readonly text: string;
  readonly comments: Comments;
}

/** sparesOf lists the fields of a removed item with the value `old`. */
export function sparesOf(item: Slot, old: unknown): readonly Spare[] {
  const { node } = item;
  if (!isMap(node) || !isObject(old)) return [];
  const slots = slotsOf(node) ?? [];
  return node.items.flatMap(({ key }, i): readonly Spare[] => {
    const field = slots[i];
    if (field === undefined || !isScalar(key)) return [];
    return [{ key: String(key.value), value: old[String(key.value)], field, item }];
  });
}

/** takeSpare removes the field with a key and a value from the list, and returns it; undefined if there is none. */
export function takeSpare(spares: Spare[], key: string | undefined, value: unknown): Spare | undefined {
  const index = spares.findIndex((spare) => spare.key === key && isSameJson(spare.value, value));
  return index < 0 ? undefined : spares.splice(index, 1)[0];
}

/** movedLines returns the lines of a spare field, indented to a column; undefined if they cannot be moved. */
export function movedLines({ text, comments }: Page, spare: Spare, column: number): readonly string[] | undefined {
  const { field, item } = spare;
  const end = Math.max(field.start, withoutLastBreak(text, field.end));
  const written = text.slice(field.start, end);
  const isInFlow = isMap(item.node) && item.node.flow === true;
  if (isInFlow && written.includes('\n')) return undefined;
  const behind = isInFlow ? item.end : end;
  const tail = /^[ \t]*(#.*)?$/.test(text.slice(behind, lineEnd(text, behind))) ? lineEnd(text, behind) : behind;
  const [first = '', ...others] = (written + text.slice(behind, tail)).split(/\r?\n/);
  const shift = column - columnOf(text, field.start);
  const moved = others.map((line) => shifted(line, shift));
  if (moved.some((line) => line === undefined)) return undefined;
  comments.move(field.start, end);
  comments.move(behind, tail);
  return [first, ...moved.filter((line) => line !== undefined)].map((line, i) =>
    i === 0 ? ' '.repeat(column) + line : line,
  );
}

/** movedText returns the text of a spare field for flow style; undefined if it is not written in one line. */
export function movedText({ text }: Page, { field }: Spare): string | undefined {
  const { node } = field;
  const isOneLine = isScalar(node) || ((isMap(node) || isSeq(node)) && node.flow === true);
  const written = text.slice(field.start, field.end);
  return isOneLine && !written.includes('\n') ? written : undefined;
}

/** A comment may be indented less than the value around it. */
function shifted(line: string, shift: number): string | undefined {
  if (line.trim() === '' || shift === 0) return line;
  if (shift > 0) return ' '.repeat(shift) + line;
  const room = /^ */.exec(line)?.[0].length ?? 0;
  if (room < -shift && !line.trimStart().startsWith('#')) return undefined;
  return line.slice(Math.min(room, -shift));
}
