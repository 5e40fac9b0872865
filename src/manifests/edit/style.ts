import { isMap, isNode, isPair, isScalar, isSeq, type Node, Scalar, type YAMLMap, type YAMLSeq } from 'yaml';
import { blockYaml } from '../../objects/block-yaml.ts';
import { isObject } from '../../objects/fields.ts';
import { columnOf } from './lines.ts';

/** Style is how an object is written, for additions to it. */
export interface Style {
  /** How many columns an object is indented relative to its key. */
  readonly step: number;
  /** The same of a list's dashes; 0 for many. */
  readonly dash: number;
  /** Whether braces have spaces inside. */
  readonly isPadded: boolean;
  /** Whether it is JSON, so that all strings are quoted. */
  readonly isJson: boolean;
  /** The indentation of multi-line JSON, per level. */
  readonly unit: string;
}

/** styleOf looks at the first of each kind in an object; `ofJson` says whether its document is JSON. */
export function styleOf(object: Node, text: string, ofJson: boolean): Style {
  const collections = collectionsIn(object);
  const pairs = collections.filter((node) => isMap(node) && node.flow !== true).flatMap(({ items }) => items);
  const furtherOf = (isKind: (node: unknown) => boolean): number | undefined => {
    for (const pair of pairs) {
      if (!isPair(pair) || !isNode(pair.key) || !isNode(pair.value) || !isKind(pair.value)) continue;
      if (!isInFlow(pair.value)) return columnAt(pair.value, text) - columnAt(pair.key, text);
    }
    return undefined;
  };
  const flowMap = collections.find((node): node is YAMLMap => isMap(node) && isFlow(node));
  return {
    step: furtherOf(isMap) ?? 2,
    dash: furtherOf(isSeq) ?? 2,
    isPadded: flowMap !== undefined && isPaddedAt(flowMap, text),
    isJson: ofJson,
    unit: (ofJson ? /\n([ \t]+)\S/.exec(text)?.[1] : undefined) ?? '  ',
  };
}

/** All lists and objects in a value, in the order of the text. */
function collectionsIn(value: unknown): readonly (YAMLMap | YAMLSeq)[] {
  if (isSeq(value)) return [value, ...value.items.flatMap(collectionsIn)];
  return isMap(value) ? [value, ...value.items.flatMap((pair) => collectionsIn(pair.value))] : [];
}

function columnAt({ range }: Node, text: string): number {
  return columnOf(text, range?.[0] ?? 0);
}

function isInFlow(node: Node): boolean {
  return (isMap(node) || isSeq(node)) && node.flow === true;
}

/**
 * styleLike is the style for additions beside a value, which may have spaces inside its braces even if others have
 * none.
 */
export function styleLike(style: Style, node: unknown, text: string): Style {
  return isFlow(node) && isMap(node) ? { ...style, isPadded: isPaddedAt(node, text) } : style;
}

/** isFlow holds for a non-empty list or object in brackets or braces. */
export function isFlow(node: unknown): node is YAMLMap | YAMLSeq {
  return (isMap(node) || isSeq(node)) && node.flow === true && node.items.length > 0;
}

function isPaddedAt({ range }: YAMLMap, text: string): boolean {
  return text.charAt((range?.[0] ?? 0) + 1) === ' ';
}

/** isJson holds for the text of one JSON value. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** isFilled holds for values that need lines of their own in block style. */
export function isFilled(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : isObject(value) && Object.keys(value).length > 0;
}

/** blockLines writes a value in block style, without indentation of its own. */
export function blockLines(value: unknown, style: Style): readonly string[] {
  if (!isFilled(value)) return [scalarText(value, style)];
  if (Array.isArray(value)) return value.flatMap((item) => itemLines(item, style));
  return Object.entries(isObject(value) ? value : {}).flatMap(([key, item]) => pairLines(key, item, style));
}

/** itemLines writes an item of a list in block style: its first line begins with the dash. */
export function itemLines(item: unknown, style: Style): readonly string[] {
  const [first = '', ...others] = blockLines(item, style);
  return [`- ${first}`, ...indented(2, others)];
}

/** pairLines writes a field in block style. */
export function pairLines(key: string, value: unknown, style: Style): readonly string[] {
  const name = scalarText(key, style);
  if (!isFilled(value)) return [`${name}: ${scalarText(value, style)}`];
  return [`${name}:`, ...indented(furtherIn(value, style), blockLines(value, style))];
}

/** furtherIn returns how many columns a value in block style is indented relative to its key. */
export function furtherIn(value: unknown, { step, dash }: Style): number {
  return Array.isArray(value) ? dash : step;
}

/** indented puts spaces before each line. */
export function indented(width: number, lines: readonly string[]): readonly string[] {
  return lines.map((line) => ' '.repeat(width) + line);
}

/** flowText writes a value in one line. */
export function flowText(value: unknown, style: Style): string {
  if (!isFilled(value)) return scalarText(value, style);
  if (Array.isArray(value)) return `[${value.map((item) => flowText(item, style)).join(', ')}]`;
  const fields = Object.entries(isObject(value) ? value : {}).map(([key, item]) => flowPair(key, item, style));
  const space = style.isPadded ? ' ' : '';
  return `{${space}${fields.join(', ')}${space}}`;
}

function flowPair(key: string, value: unknown, style: Style): string {
  return `${scalarText(key, style)}: ${flowText(value, style)}`;
}

/** scalarText writes a scalar, or an empty list or object; a string with the quotes of the one before it. */
export function scalarText(value: unknown, { isJson }: Pick<Style, 'isJson'>, before?: unknown): string {
  if (isJson) return JSON.stringify(value);
  const quotes = isScalar(before) ? before.type : undefined;
  if (typeof value === 'string' && quotes === Scalar.QUOTE_DOUBLE) return JSON.stringify(value);
  if (typeof value === 'string' && quotes === Scalar.QUOTE_SINGLE && /^[ -~]*$/.test(value)) {
    return `'${value.replaceAll("'", "''")}'`;
  }
  return blockYaml(value)[0] ?? '';
}
