import type { YAMLMap, YAMLSeq } from 'yaml';
import { isObject } from '../../objects/fields.ts';
import { beginsLine, breakAt, lineEnd, lineStart } from './lines.ts';
import { NotEditable } from './not-editable.ts';
import type { Slot } from './slot.ts';
import type { Splice } from './splice.ts';
import { flowText, isFilled, type Style, scalarText, styleLike } from './style.ts';

interface Page {
  readonly text: string;
  readonly style: Style;
}

/** replaceInFlow sets the value of a slot within brackets or braces. */
export function replaceInFlow(page: Page, slot: Slot, value: unknown): readonly Splice[] {
  const { text, style } = page;
  const isSpread = isFilled(value) && beginsLine(text, slot.start);
  const written = isSpread ? spread(page, value, marginOf(text, slot.start)) : flowText(value, style);
  if (slot.end > slot.after || slot.isItem) {
    return [
      { start: slot.first, end: slot.end, text: isFilled(value) ? written : scalarText(value, style, slot.node) },
    ];
  }
  const colon = text.charAt(slot.after - 1) === ':' ? '' : ':';
  return [{ start: slot.after, end: slot.after, text: `${colon} ${written}` }];
}

/**
 * removeFromFlow removes items or fields, of which at least one stays. Throws NotEditable if a comment would be removed
 * with them.
 */
export function removeFromFlow(
  { text }: Page,
  slots: readonly Slot[],
  removed: ReadonlySet<number>,
  path: string,
): readonly Splice[] {
  const splices: Splice[] = [];
  const cut = (start: number, end: number, gaps: readonly string[]) => {
    if (gaps.some((gap) => gap.includes('#'))) throw new NotEditable(path, 'has comments that would be lost');
    splices.push({ start, end, text: '' });
  };
  const gapBefore = (i: number) => text.slice(slots[i - 1]?.end ?? 0, slots[i]?.start);
  for (let from = 0; from < slots.length; from += 1) {
    if (!removed.has(from)) continue;
    let to = from;
    while (removed.has(to + 1)) to += 1;
    const gaps = Array.from({ length: to - from }, (_, i) => gapBefore(from + 1 + i));
    const [before, last] = [slots[from - 1], slots[to]];
    if (before !== undefined && last !== undefined) cut(before.end, last.end, [...gaps, gapBefore(from)]);
    else cut(slots[from]?.start ?? 0, slots[to + 1]?.start ?? 0, [...gaps, gapBefore(to + 1)]);
    from = to;
  }
  return splices;
}

/** Addition is an item for a list, or a field for an object. */
export interface Addition {
  readonly key?: string | undefined;
  readonly value: unknown;
  /** Its text where it is written already, in one line. */
  readonly text?: string | undefined;
}

/** addToFlow adds items or fields at the end of a non-empty list or object. */
export function addToFlow(
  page: Page,
  { srcToken }: YAMLMap | YAMLSeq,
  slots: readonly Slot[],
  added: readonly Addition[],
): readonly Splice[] {
  const { text } = page;
  const last = slots.at(-1);
  if (last === undefined || added.length === 0 || srcToken?.type !== 'flow-collection') return [];
  const comma = srcToken.items[slots.length]?.start.find(({ type }) => type === 'comma');
  const at = comma === undefined ? last.end : comma.offset + 1;
  const end = lineEnd(text, at);
  const hasOwnLine = beginsLine(text, last.start) && /^\s*(#.*)?$/.test(text.slice(at, end));
  const before = hasOwnLine ? `${breakAt(text, last.start)}${marginOf(text, last.start)}` : ' ';
  const parts = additionTexts(page, last, added, hasOwnLine).map((part) => before + part);
  const place = hasOwnLine ? end : at;
  const list = { start: place, end: place, text: parts.join(',') + (comma === undefined ? '' : ',') };
  return comma === undefined ? [{ start: at, end: at, text: ',' }, list] : [list];
}

/** Over several lines if the last one is. */
function additionTexts(page: Page, last: Slot, added: readonly Addition[], hasOwnLine: boolean): readonly string[] {
  const { text, style } = page;
  const isSpread = hasOwnLine && (style.isJson || text.slice(last.start, last.end).includes('\n'));
  const margin = marginOf(text, last.start);
  const write = (value: unknown) =>
    isSpread ? spread(page, value, margin) : flowText(value, styleLike(style, last.node, text));
  return added.map(
    ({ key, value, text: moved }) => moved ?? (key === undefined ? '' : `${scalarText(key, style)}: `) + write(value),
  );
}

/** The white space that a line begins with. */
function marginOf(text: string, offset: number): string {
  return /^[ \t]*/.exec(text.slice(lineStart(text, offset), offset))?.[0] ?? '';
}

/** spread writes a value over several lines, as JSON.stringify does with an indentation. */
function spread(page: Page, value: unknown, margin: string): string {
  const { style } = page;
  if (!isFilled(value)) return scalarText(value, style);
  const within = margin + style.unit;
  const [open, close, parts] = Array.isArray(value)
    ? ['[', ']', value.map((item) => spread(page, item, within))]
    : [
        '{',
        '}',
        Object.entries(isObject(value) ? value : {}).map(
          ([key, item]) => `${scalarText(key, style)}: ${spread(page, item, within)}`,
        ),
      ];
  const newline = breakAt(page.text, 0);
  const lines = parts.map((part) => newline + within + part).join(',');
  return `${open}${lines}${newline}${margin}${close}`;
}
