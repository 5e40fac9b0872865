import { isMap, isNode, isSeq, type YAMLMap, type YAMLSeq } from 'yaml';
import type { FieldPath } from '../../objects/field-path.ts';
import { isObject } from '../../objects/fields.ts';
import { isSameJson } from '../../objects/same-json.ts';
import { UnreadableDocument } from '../text/located.ts';
import { parseYaml, readDocument, withPlainBreaks } from '../text/read-document.ts';
import { changed, changeOf, type Inside, type ValueEdit } from './change.ts';
import { Comments, commentsIn } from './comments.ts';
import { breakAt } from './lines.ts';
import { NotEditable, unsafe } from './not-editable.ts';
import { Sharing } from './sharing.ts';
import { type Splice, spliced } from './splice.ts';
import { isJson, styleOf } from './style.ts';
import { writeChanges } from './write-changes.ts';

/** EditsByOffset are edits of a document's objects, by the offset of each object. */
export type EditsByOffset = ReadonlyMap<number, readonly ValueEdit[]>;

/** Found is an object in a document: its node, the path to it, and its ancestors. */
interface Found {
  readonly node: YAMLMap;
  readonly path: FieldPath;
  readonly around: readonly (YAMLMap | YAMLSeq)[];
}

/** DocumentEditor edits one document. It parses the document once, however many edits are tried. */
export class DocumentEditor {
  /** As it was given, with a line break at its end, so that the last line is no special case. */
  private readonly given: string;
  private readonly text: string;
  /** The line break that was added. */
  private readonly missing: string;
  private readonly value: unknown;
  private readonly sharing: Sharing;
  private readonly comments: readonly number[];
  private readonly isJson: boolean;
  private readonly objects = new Map<number, Found>();

  /** Throws NotEditable if the document cannot be read. */
  constructor(text: string) {
    this.missing = text.endsWith('\n') ? '' : breakAt(text, text.length);
    this.given = text + this.missing;
    this.text = withPlainBreaks(this.given);
    const [document] = parseYaml(this.text, { keepSourceTokens: true });
    this.value = valueOf(this.given);
    this.sharing = new Sharing(document?.contents);
    this.comments = commentsIn(this.text);
    this.isJson = isJson(this.text);
    this.findObjects(document?.contents, [], []);
  }

  /** demandEditable throws NotEditable if edits fail before the document is written. */
  demandEditable(edits: EditsByOffset): void {
    this.written(edits);
  }

  /** edited returns the text with edits made. It has been read again, and has the intended meaning. Throws NotEditable. */
  edited(edits: EditsByOffset): string {
    const { splices, expected } = this.written(edits);
    const result = spliced(this.given, splices);
    if (result === undefined || !isSameJson(valueOf(result), expected)) throw unsafe();
    return result.slice(0, result.length - this.missing.length);
  }

  private written(edits: EditsByOffset): { readonly splices: readonly Splice[]; readonly expected: unknown } {
    const comments = new Comments(this.comments);
    const splices: Splice[] = [];
    let expected = this.value;
    for (const [offset, group] of edits) {
      const { node, path } = this.find(offset);
      const old = at(this.value, path);
      const change = changeOf(old, group);
      expected = withValue(expected, path, changed(old, change));
      for (const splice of this.write(node, old, change, comments)) splices.push(splice);
    }
    return { splices, expected };
  }

  private write(node: YAMLMap, old: unknown, change: Inside, comments: Comments): readonly Splice[] {
    const { text, sharing } = this;
    const [start, end] = node.range ?? [0, 0];
    const slot = { node, start, after: start, first: start, end, isItem: true };
    const place = { slot, path: '', isFlow: node.flow === true };
    const style = styleOf(node, text, this.isJson);
    return writeChanges({ text, sharing, comments, style }, place, old, change);
  }

  /** find looks for the object that begins at an offset; its ancestors must not be repeated elsewhere. */
  private find(offset: number): Found {
    const found = this.objects.get(offset);
    if (found === undefined) throw new NotEditable('', 'is repeated by an alias');
    for (const node of found.around) this.sharing.demandOwn(node, '');
    return found;
  }

  private findObjects(node: unknown, path: FieldPath, around: Found['around']): void {
    if (!isMap(node) && !isSeq(node)) return;
    const start = node.range?.[0] ?? 0;
    if (isMap(node) && !this.objects.has(start)) this.objects.set(start, { node, path, around });
    const within = [...around, node];
    if (isSeq(node)) for (const [i, item] of node.items.entries()) this.findObjects(item, [...path, i], within);
    else for (const { key, value } of node.items) this.findObjects(value, [...path, keyOf(key)], within);
  }
}

function keyOf(key: unknown): string {
  return isNode(key) && 'value' in key ? String(key.value) : '';
}

function valueOf(text: string): unknown {
  try {
    return readDocument({ text, offset: 0 })?.value;
  } catch (error) {
    if (error instanceof UnreadableDocument) throw unsafe();
    throw error;
  }
}

function at(value: unknown, path: FieldPath): unknown {
  return path.reduce<unknown>((whole, step) => {
    if (Array.isArray(whole)) return typeof step === 'number' ? whole[step] : undefined;
    return isObject(whole) ? whole[String(step)] : undefined;
  }, value);
}

/** withValue returns a value with another part at a path. */
function withValue(value: unknown, [step, ...rest]: FieldPath, part: unknown): unknown {
  if (step === undefined) return part;
  if (Array.isArray(value)) return value.map((item: unknown, i) => (i === step ? withValue(item, rest, part) : item));
  if (!isObject(value)) return value;
  return { ...value, [step]: withValue(value[String(step)], rest, part) };
}
