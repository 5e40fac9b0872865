import { beginsLine, breakAt, columnOf, lineCut, lineEnd, lineStart, nextLine, withoutLastBreak } from './lines.ts';
import type { Slot } from './slot.ts';
import type { Splice } from './splice.ts';
import { blockLines, furtherIn, indented, isFilled, type Style, scalarText } from './style.ts';

interface Page {
  readonly text: string;
  readonly style: Style;
}

/** replaceInBlock sets the value of a slot in block style; comments around it stay. */
export function replaceInBlock({ text, style }: Page, slot: Slot, value: unknown): readonly Splice[] {
  const end = Math.max(slot.first, withoutLastBreak(text, slot.end));
  const isBelow = text.slice(slot.after, slot.first).includes('\n');
  const isWritten = end > slot.after;
  if (!isFilled(value)) {
    const written = scalarText(value, style, slot.node);
    if (!isWritten) return [{ start: slot.after, end: slot.after, text: ` ${written}` }];
    if (!isBelow) return [{ start: slot.first, end, text: written }];
    return [{ start: slot.after, end: slot.after, text: ` ${written}` }, lineCut(text, slot.first, end)];
  }
  const newline = breakAt(text, slot.start);
  const column = columnOf(text, slot.start) + (slot.isItem ? 2 : furtherIn(value, style));
  const lines = blockLines(value, style);
  if (isBelow) return [{ start: lineStart(text, slot.first), end, text: indented(column, lines).join(newline) }];
  if (!slot.isItem) {
    const below = indented(column, lines).map((line) => newline + line);
    const at = lineEnd(text, end);
    return [
      { start: slot.after, end, text: '' },
      { start: at, end: at, text: below.join('') },
    ];
  }
  const [first = '', ...others] = lines;
  const rest = indented(isWritten ? columnOf(text, slot.first) : column, others).map((line) => newline + line);
  return [{ start: isWritten ? slot.first : slot.after, end, text: `${isWritten ? '' : ' '}${first}${rest.join('')}` }];
}

/** removeLines removes items or fields in block style, of which at least one stays; comments between them stay too. */
export function removeLines({ text }: Page, slots: readonly Slot[], removed: ReadonlySet<number>): readonly Splice[] {
  const splices: Splice[] = [];
  let index = 0;
  const [first] = slots;
  if (first !== undefined && removed.has(0) && !beginsLine(text, first.start)) {
    const kept = slots.findIndex((_, i) => !removed.has(i));
    splices.push(...removeBehindDash(text, slots.slice(0, kept + 1)));
    index = kept;
  }
  while (index < slots.length) {
    const run = runAt(text, slots, removed, index);
    const [from, to] = [run[0], run.at(-1)];
    if (from !== undefined && to !== undefined) {
      splices.push(lineCut(text, from.start, Math.max(from.start, withoutLastBreak(text, to.end))));
    }
    index += Math.max(1, run.length);
  }
  return splices;
}

/** Removed neighbours without a comment between them, from an index on. */
function runAt(text: string, slots: readonly Slot[], removed: ReadonlySet<number>, index: number): readonly Slot[] {
  const run: Slot[] = [];
  for (let i = index; removed.has(i); i += 1) {
    const [slot, before] = [slots[i], run.at(-1)];
    if (slot === undefined || (before !== undefined && text.slice(before.end, slot.start).includes('#'))) break;
    run.push(slot);
  }
  return run;
}

/** The first is on the line of a dash: the one that stays, the last of the given, takes its place. */
function removeBehindDash(text: string, slots: readonly Slot[]): readonly Splice[] {
  const [first, kept] = [slots[0], slots.at(-1)];
  if (first === undefined || kept === undefined) return [];
  const gaps = slots.slice(1).map(({ start }, i) => text.slice(slots[i]?.end, start));
  if (!gaps.some((gap) => gap.includes('#'))) return [{ start: first.start, end: kept.start, text: '' }];
  const others = slots.slice(1, -1).map(({ start, end }) => lineCut(text, start, withoutLastBreak(text, end)));
  const dashEnd = text.slice(0, first.start).trimEnd().length;
  return [{ start: dashEnd, end: withoutLastBreak(text, first.end), text: '' }, ...others];
}

/**
 * addLines adds lines after the last item or field, which begins in `column`, and after the comments that belong to it.
 */
export function addLines({ text }: Page, last: Slot, column: number, lines: readonly string[]): readonly Splice[] {
  const newline = breakAt(text, last.start);
  let at = nextLine(text, withoutLastBreak(text, last.end));
  const isComment = new RegExp(`^ {${column + 1},}#`);
  while (isComment.test(text.slice(at, lineEnd(text, at)))) at = nextLine(text, at);
  return [{ start: at, end: at, text: lines.map((line) => line + newline).join('') }];
}
