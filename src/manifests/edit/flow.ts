import { isMap, type YAMLMap, type YAMLSeq } from 'yaml';
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

/** replaceInFlow puts a value where a slot within brackets or braces has another, or none. */
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

/** removeFromFlow takes items or fields out, of which at least one stays. Throws NotEditable where a comment would go with them. */
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

/** addToFlow puts items at the end of a list, or fields (a key and its value) at the end of an object, which is not empty. */
export function addToFlow(
  page: Page,
  collection: YAMLMap | YAMLSeq,
  slots: readonly Slot[],
  added: readonly unknown[],
): readonly Splice[] {
  const { text } = page;
  const last = slots.at(-1);
  const token = collection.srcToken;
  if (last === undefined || added.length === 0 || token?.type !== 'flow-collection') return [];
  const comma = token.items[slots.length]?.start.find(({ type }) => type === 'comma');
  const at = comma === undefined ? last.end : comma.offset + 1;
  const end = lineEnd(text, at);
  const hasOwnLine = beginsLine(text, last.start) && /^\s*(#.*)?$/.test(text.slice(at, end));
  const isSpread = hasOwnLine && (page.style.isJson || text.slice(last.start, last.end).includes('\n'));
  const margin = marginOf(text, last.start);
  const write = (value: unknown) =>
    isSpread ? spread(page, value, margin) : flowText(value, styleLike(page.style, last.node, text));
  const written = added.map((value) => (isMap(collection) ? pairText(page, value, write) : write(value)));
  const before = hasOwnLine ? `${breakAt(text, last.start)}${margin}` : ' ';
  const list =
    written.map((one, i) => `${i === 0 ? '' : ','}${before}${one}`).join('') + (comma === undefined ? '' : ',');
  const place = hasOwnLine ? end : at;
  return [
    ...(comma === undefined ? [{ start: at, end: at, text: ',' }] : []),
    { start: place, end: place, text: list },
  ];
}

function pairText({ style }: Page, pair: unknown, write: (value: unknown) => string): string {
  const [key, value]: readonly unknown[] = Array.isArray(pair) ? pair : [];
  return `${scalarText(key, style)}: ${write(value)}`;
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
        Object.entries(isObject(value) ? value : {}).map((pair) =>
          pairText(page, pair, (item) => spread(page, item, within)),
        ),
      ];
  const newline = breakAt(page.text, 0);
  const lines = parts.map((part) => newline + within + part).join(',');
  return `${open}${lines}${newline}${margin}${close}`;
}
