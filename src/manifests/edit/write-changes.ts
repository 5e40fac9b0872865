import { isAlias, isMap, isScalar, isSeq, type YAMLMap, type YAMLSeq } from 'yaml';
import { childPath } from '../../objects/field-path.ts';
import { isObject } from '../../objects/fields.ts';
import { isSameJson } from '../../objects/same-json.ts';
import { addLines, removeLines, replaceInBlock } from './block.ts';
import { type Change, changed, type Inside } from './change.ts';
import type { Comments } from './comments.ts';
import { type Addition, addToFlow, removeFromFlow, replaceInFlow } from './flow.ts';
import { columnOf } from './lines.ts';
import { NotEditable, unsafe } from './not-editable.ts';
import type { Sharing } from './sharing.ts';
import { type Slot, slotsOf } from './slot.ts';
import { movedLines, movedText, type Spare, sparesOf, takeSpare } from './spare.ts';
import type { Splice } from './splice.ts';
import { flowText, indented, isFlow, itemLines, pairLines, type Style, scalarText, styleLike } from './style.ts';

/** Page is the text of a document, and its style. */
export interface Page {
  readonly text: string;
  readonly style: Style;
  readonly sharing: Sharing;
  readonly comments: Comments;
  /** Fields of removed items of the list around this value. */
  readonly spares?: Spare[] | undefined;
}

/** Where a value is: for messages, and for whether its surroundings are in flow style. */
interface Place {
  readonly slot: Slot;
  readonly path: string;
  readonly isFlow: boolean;
}

/** writeChanges returns the splices that make a change of a value that is `old` now. Throws NotEditable. */
export function writeChanges(page: Page, place: Place, old: unknown, change: Inside): readonly Splice[] {
  const { node } = place.slot;
  if (isAlias(node) && !change.isWhole) {
    throw new NotEditable(place.path, `is also used elsewhere, by the anchor &${node.source}`);
  }
  if (!(isMap(node) || isSeq(node)) || node.items.length === 0) return replaced(page, place, changed(old, change));
  page.sharing.demandOwn(node, place.path);
  const slots = slotsOf(node);
  if (slots === undefined) throw unsafe(place.path);
  const parts = partsOf(node, slots, old, change);
  if (parts.removed.size === slots.length) return replaced(page, place, changed(old, change));
  return new Writer(page, place, node, slots).write(old, change, parts);
}

function replaced(page: Page, { slot, path, isFlow }: Place, value: unknown): readonly Splice[] {
  page.sharing.demandUnused(slot.node, path);
  const splices = isFlow ? replaceInFlow(page, slot, value) : replaceInBlock(page, slot, value);
  page.comments.demandKept(splices, path);
  return splices;
}

/** Parts are what happens to the items or fields that are written, by index, and which fields are not written yet. */
interface Parts {
  readonly removed: ReadonlySet<number>;
  readonly edited: readonly (readonly [index: number, step: string, change: Change])[];
  readonly missing: readonly (readonly [key: string, change: Change])[];
  /** Fields that only change their key. */
  readonly renamed: readonly (readonly [index: number, key: string])[];
}

function partsOf(node: YAMLMap | YAMLSeq, slots: readonly Slot[], old: unknown, { children }: Inside): Parts {
  const places = isMap(node)
    ? new Map(node.items.map(({ key }, i) => [isScalar(key) ? String(key.value) : '', i] as const))
    : new Map(slots.map((_, i) => [String(i), i] as const));
  const removed = new Set<number>();
  const edited: [number, string, Change][] = [];
  const missing: [string, Change][] = [];
  const renamed: [number, string][] = [];
  for (const [step, change] of children) {
    const index = places.get(step);
    if (index === undefined) missing.push([step, change]);
    else if (change.kind === 'remove') removed.add(index);
    else edited.push([index, step, change]);
  }
  if (isMap(node)) renameWhatFits(missing, removed, renamed, (index) => member(old, keyAt(node, index)));
  return { removed, edited, missing, renamed };
}

/** A removed field is renamed if an equal value is added under another key: its quotes and comments stay. */
function renameWhatFits(
  missing: [string, Change][],
  removed: Set<number>,
  renamed: [number, string][],
  valueAt: (index: number) => unknown,
): void {
  for (const field of [...missing]) {
    const [key, change] = field;
    if (change.kind !== 'value') continue;
    const index = [...removed].find((candidate) => isSameJson(valueAt(candidate), change.value));
    if (index === undefined) continue;
    removed.delete(index);
    renamed.push([index, key]);
    missing.splice(missing.indexOf(field), 1);
  }
}

function keyAt(node: YAMLMap, index: number): string {
  const key = node.items[index]?.key;
  return isScalar(key) ? String(key.value) : '';
}

class Writer {
  private readonly page: Page;
  private readonly place: Place;
  private readonly node: YAMLMap | YAMLSeq;
  private readonly slots: readonly Slot[];

  constructor(page: Page, place: Place, node: YAMLMap | YAMLSeq, slots: readonly Slot[]) {
    this.page = page;
    this.place = place;
    this.node = node;
    this.slots = slots;
  }

  write(old: unknown, change: Inside, { removed, edited, missing, renamed }: Parts): readonly Splice[] {
    const { page, node, slots, place } = this;
    const isInFlow = node.flow === true;
    for (const index of removed) page.sharing.demandUnused(slots[index]?.node, place.path);
    const spares = isSeq(node) ? [...removed].flatMap((index) => this.sparesAt(index, member(old, String(index)))) : [];
    const fields = missing.map(([key, child]) => ({ key, value: this.missingValue(old, key, child) }));
    const additions = [...change.added.map((value) => ({ value })), ...fields];
    const edits = edited.flatMap((part) => this.edit(part, member(old, part[1]), spares));
    const renamings = renamed.flatMap(([index, key]) => this.rename(index, key));
    const added = isInFlow ? addToFlow(page, node, slots, additions.map(this.asMoved)) : this.addBlock(additions);
    const removals = isInFlow ? removeFromFlow(page, slots, removed, place.path) : removeLines(page, slots, removed);
    page.comments.demandKept(removals, place.path);
    return [...edits, ...renamings, ...removals, ...added];
  }

  private sparesAt(index: number, old: unknown): readonly Spare[] {
    const slot = this.slots[index];
    return slot === undefined ? [] : sparesOf(slot, old);
  }

  private rename(index: number, name: string): readonly Splice[] {
    const key = isMap(this.node) ? this.node.items[index]?.key : undefined;
    if (!isScalar(key) || key.range === undefined || key.range === null) throw unsafe(this.place.path);
    const [start, end] = key.range;
    return [{ start, end, text: scalarText(name, this.page.style, key) }];
  }

  private readonly asMoved = (addition: Addition): Addition => {
    const spare = takeSpare(this.page.spares ?? [], addition.key, addition.value);
    return { ...addition, text: spare && movedText(this.page, spare) };
  };

  private edit([index, step, change]: Parts['edited'][number], old: unknown, spares: Spare[]): readonly Splice[] {
    const slot = this.slots[index];
    if (slot === undefined || change.kind === 'remove') return [];
    const path = childPath(this.place.path, isSeq(this.node) ? index : step);
    const place = { slot, path, isFlow: this.node.flow === true };
    return change.kind === 'value'
      ? replaced(this.page, place, change.value)
      : writeChanges({ ...this.page, spares }, place, old, change);
  }

  /** A field that exists but is not written comes from `<<`: a written one takes precedence. */
  private missingValue(old: unknown, key: string, change: Change): unknown {
    const value = member(old, key);
    const isPart = change.kind === 'remove' || (change.kind === 'inside' && !change.isWhole);
    if (value !== undefined && isPart) {
      throw new NotEditable(childPath(this.place.path, key), 'comes from what "<<" merges');
    }
    return change.kind === 'value' ? change.value : change.kind === 'inside' ? changed(value, change) : undefined;
  }

  private addBlock(added: readonly Addition[]): readonly Splice[] {
    const { page, slots } = this;
    const last = slots.at(-1);
    if (last === undefined || added.length === 0) return [];
    const column = columnOf(page.text, last.start);
    const style = styleLike(page.style, last.node, page.text);
    const linesOf = ({ key, value }: Addition): readonly string[] => {
      const spare = takeSpare(page.spares ?? [], key, value);
      const moved = spare && movedLines(page, spare, column);
      if (moved !== undefined) return moved;
      if (key !== undefined) return indented(column, pairLines(key, value, page.style));
      return indented(column, isFlow(last.node) ? [`- ${flowText(value, style)}`] : itemLines(value, style));
    };
    return addLines(page, last, column, added.flatMap(linesOf));
  }
}

function member(value: unknown, step: string): unknown {
  if (Array.isArray(value)) return value[Number(step)];
  return isObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
}
