import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap, type YAMLSeq } from 'yaml';

/** Slot is the place of a value: after the colon of a key, or after the dash of an item. */
export interface Slot {
  readonly node: unknown;
  /** The start of the key or the dash; in a list in flow style, of the value. */
  readonly start: number;
  /** Right after the colon or the dash; in a list in flow style, the start of the value. */
  readonly after: number;
  /** The start of the value, including its anchor and its tag; `after` if there is none. */
  readonly first: number;
  /** The end of the value, without the comment after it. */
  readonly end: number;
  readonly isItem: boolean;
}

/** The part of the parser's tokens that is needed here. */
interface Token {
  readonly type: string;
  readonly offset: number;
  readonly source: string;
}

/**
 * slotsOf finds the places of the values in a list or an object, in their order; undefined if one is written in a very
 * unusual way.
 */
export function slotsOf(collection: YAMLMap | YAMLSeq): readonly Slot[] | undefined {
  const slots = isMap(collection) ? collection.items.map(slotOfPair) : slotsOfItems(collection);
  return slots.every((slot) => slot !== undefined) ? slots : undefined;
}

function slotOfPair({ key, value, srcToken }: Pair): Slot | undefined {
  if (!isScalar(key) || srcToken === undefined || srcToken.start.some(isOf('explicit-key-ind'))) return undefined;
  const range = key.range ?? [0, 0];
  const start = srcToken.start.find(isProperty)?.offset ?? range[0];
  const colon = srcToken.sep?.find(isOf('map-value-ind'));
  const after = colon === undefined ? range[1] : colon.offset + 1;
  return slotOf(value, srcToken.sep ?? [], { start, after, isItem: false });
}

function slotsOfItems(list: YAMLSeq): readonly (Slot | undefined)[] {
  const token = list.srcToken;
  if (token?.type === 'block-seq') {
    const entries = token.items.filter(({ start }) => start.some(isOf('seq-item-ind')));
    return list.items.map((node, i) => slotOfDash(node, entries[i]?.start ?? []));
  }
  if (token?.type !== 'flow-collection') return [undefined];
  return list.items.map((node, i) => {
    const tokens = token.items[i]?.start ?? [];
    const start = tokens.find(isProperty)?.offset ?? startOf(node);
    return start === undefined ? undefined : slotOf(node, tokens, { start, after: start, isItem: true });
  });
}

function slotOfDash(node: unknown, tokens: readonly Token[]): Slot | undefined {
  const dash = tokens.find(isOf('seq-item-ind'));
  if (dash === undefined) return undefined;
  return slotOf(node, tokens, { start: dash.offset, after: dash.offset + 1, isItem: true });
}

function slotOf(node: unknown, tokens: readonly Token[], around: Pick<Slot, 'start' | 'after' | 'isItem'>): Slot {
  const properties = tokens.filter((token) => isProperty(token) && token.offset >= around.after);
  const last = properties.at(-1);
  const empty = last === undefined ? around.after : last.offset + last.source.length;
  const first = properties[0]?.offset ?? startOf(node) ?? around.after;
  return { node, ...around, first, end: endOf(node) ?? empty };
}

function isOf(type: string): (token: Token) => boolean {
  return (token) => token.type === type;
}

function isProperty({ type }: Token): boolean {
  return type === 'anchor' || type === 'tag';
}

/** The start of a value; undefined if nothing is written. */
function startOf(node: unknown): number | undefined {
  return isWritten(node) ? node.range?.[0] : undefined;
}

/** The end of a value. The parser's end of a block is after the comments that follow it. */
function endOf(node: unknown): number | undefined {
  if (!isWritten(node)) return undefined;
  const isBlock = (isMap(node) || isSeq(node)) && node.flow !== true;
  return (isBlock ? slotsOf(node)?.at(-1)?.end : undefined) ?? node.range?.[1];
}

function isWritten(node: unknown): node is Node {
  if (isScalar(node)) return node.srcToken !== undefined;
  return isAlias(node) || isMap(node) || isSeq(node);
}
