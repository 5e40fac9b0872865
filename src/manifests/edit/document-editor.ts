import { isMap, isNode, isSeq, type YAMLMap } from 'yaml';
import type { FieldPath } from '../../objects/field-path.ts';
import { isObject } from '../../objects/fields.ts';
import { isSameJson } from '../../objects/same-json.ts';
import { UnreadableDocument } from '../text/located.ts';
import { parseYaml, readDocument, withPlainBreaks } from '../text/read-document.ts';
import { changed, changeOf, type Inside, type ValueEdit } from './change.ts';
import { breakAt } from './lines.ts';
import { NotEditable, unsafe } from './not-editable.ts';
import { Sharing } from './sharing.ts';
import { type Splice, spliced } from './splice.ts';
import { styleOf } from './style.ts';
import { writeChanges } from './write-changes.ts';

/**
 * editDocument returns the text of a document with edits made: of each object to change, by its offset. The result has
 * been read again, and has the intended meaning. Throws NotEditable.
 */
export function editDocument(text: string, edits: ReadonlyMap<number, readonly ValueEdit[]>): string {
  // A last line without a break gets one for the time of editing, so that it is no special case.
  const missing = text.endsWith('\n') ? '' : breakAt(text, text.length);
  const result = new DocumentEditor(text + missing).edit(edits);
  return result.slice(0, result.length - missing.length);
}

/** Found is an object in a document: its node, and the path to it. */
interface Found {
  readonly node: YAMLMap;
  readonly path: FieldPath;
}

class DocumentEditor {
  /** As it was given. */
  private readonly given: string;
  private readonly text: string;
  private readonly contents: unknown;
  private readonly value: unknown;
  private readonly sharing: Sharing;

  constructor(text: string) {
    this.given = text;
    this.text = withPlainBreaks(text);
    const [document] = parseYaml(this.text, { keepSourceTokens: true });
    this.contents = document?.contents;
    this.value = valueOf(text);
    this.sharing = new Sharing(this.contents);
  }

  edit(edits: ReadonlyMap<number, readonly ValueEdit[]>): string {
    const splices: Splice[] = [];
    let expected = this.value;
    for (const [offset, group] of edits) {
      const found = this.find(offset);
      const old = at(this.value, found.path);
      const change = changeOf(old, group);
      expected = withValue(expected, found.path, changed(old, change));
      splices.push(...this.write(found, old, change));
    }
    const result = spliced(this.given, splices);
    if (result === undefined || !isSameJson(valueOf(result), expected)) throw unsafe();
    return result;
  }

  private write({ node }: Found, old: unknown, change: Inside): readonly Splice[] {
    const { text, sharing } = this;
    const [start, end] = node.range ?? [0, 0];
    const slot = { node, start, after: start, first: start, end, isItem: true };
    const place = { slot, path: '', isFlow: node.flow === true };
    return writeChanges({ text, sharing, style: styleOf(node, text) }, place, old, change);
  }

  /** find looks for the object that begins at an offset; its ancestors must not be repeated elsewhere. */
  private find(offset: number): Found {
    const look = (node: unknown, path: FieldPath): Found | undefined => {
      if (!isMap(node) && !isSeq(node)) return undefined;
      const [start, , end] = node.range ?? [0, 0, 0];
      if (offset < start || offset >= end) return undefined;
      if (isMap(node) && start === offset) return { node, path };
      const parts: readonly (readonly [unknown, string | number])[] = isSeq(node)
        ? node.items.map((item, i) => [item, i] as const)
        : node.items.map(({ key, value }) => [value, keyOf(key)] as const);
      for (const [part, step] of parts) {
        const found = look(part, [...path, step]);
        if (found === undefined) continue;
        this.sharing.demandOwn(node, '');
        return found;
      }
      return undefined;
    };
    const found = look(this.contents, []);
    if (found === undefined) throw new NotEditable('', 'is repeated by an alias');
    return found;
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
