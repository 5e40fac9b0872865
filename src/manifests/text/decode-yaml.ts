import { type Alias, isAlias, isMap, isScalar, isSeq, type Node, Scalar, type YAMLMap } from 'yaml';
import { messageOf } from '../../objects/message-of.ts';
import { AliasBudget } from './alias-budget.ts';
import { aliasTargets } from './alias-targets.ts';
import { type GoScalar, goScalar, taggedScalar } from './go-scalar.ts';
import { type DecodedDocument, type Located, type RepeatedKey, UnreadableDocument } from './located.ts';

type Children = Map<string, Located>;

/**
 * decodeYaml turns the nodes of one document, parsed with the failsafe schema, into JSON values with their places, as
 * sigs.k8s.io/yaml does: aliases expanded, `<<` merged in the order written, keys made strings. `base` is the
 * document's offset in its file. If a key is given twice, the last one counts, as for kubectl. Throws
 * UnreadableDocument.
 */
export function decodeYaml(contents: unknown, base: number): DecodedDocument {
  const decoder = new Decoder(base, aliasTargets(contents, base));
  return { ...decoder.decode(contents, base), repeatedKeys: decoder.repeatedKeys };
}

class Decoder {
  readonly repeatedKeys: RepeatedKey[] = [];
  private readonly base: number;
  private readonly budget = new AliasBudget();
  private readonly targets: ReadonlyMap<Alias, Node>;
  private readonly open = new Set<unknown>();
  /** Where the decoder is: keys and indices. */
  private readonly path: string[] = [];
  private aliasDepth = 0;

  constructor(base: number, targets: ReadonlyMap<Alias, Node>) {
    this.base = base;
    this.targets = targets;
  }

  decode(node: unknown, fallback: number): Located {
    const offset = this.offsetOf(node, fallback);
    if (!this.budget.spend(this.aliasDepth > 0)) {
      throw new UnreadableDocument('aliases expand it far too much, and kubectl refuses it too', offset);
    }
    if (isAlias(node)) return this.alias(node, offset);
    if (!isScalar(node) && !isMap(node) && !isSeq(node)) return { value: null, offset };
    if (isScalar(node)) return { value: this.scalar(node, offset), offset };
    this.open.add(node);
    const located = isMap(node) ? this.map(node, offset) : this.list(node.items, offset);
    this.open.delete(node);
    return located;
  }

  private alias(alias: Alias, offset: number): Located {
    const target = this.targets.get(alias);
    if (this.open.has(target)) throw new UnreadableDocument('an alias refers to something that contains it', offset);
    this.aliasDepth += 1;
    const located = this.decode(target, offset);
    this.aliasDepth -= 1;
    return { ...located, offset };
  }

  private scalar(node: Scalar, offset: number): GoScalar {
    const text = typeof node.value === 'string' ? node.value : '';
    try {
      if (node.tag !== undefined) return taggedScalar(node.tag, text);
      return node.type === Scalar.PLAIN || node.type === undefined ? goScalar(text) : text;
    } catch (error) {
      throw new UnreadableDocument(messageOf(error), offset);
    }
  }

  private list(items: readonly unknown[], offset: number): Located {
    const children: Children = new Map();
    for (const [i, item] of items.entries()) children.set(String(i), this.child(String(i), item, offset));
    return { value: [...children.values()].map((child) => child.value), offset, children };
  }

  private map(map: YAMLMap, offset: number): Located {
    const children: Children = new Map();
    const written = new Set<string>();
    for (const { key, value } of map.items) {
      const keyOffset = this.offsetOf(key, offset);
      if (isMergeKey(key)) {
        this.merge(value, keyOffset, children);
        continue;
      }
      const name = this.key(key, keyOffset);
      if (written.has(name)) {
        const earlier = children.get(name)?.value;
        this.repeatedKeys.push({ key: name, offset: keyOffset, within: [...this.path], earlier });
      }
      written.add(name);
      children.set(name, { ...this.child(name, value, keyOffset), keyOffset });
    }
    return { value: plainObject(children), offset, children };
  }

  private child(step: string, node: unknown, fallback: number): Located {
    this.path.push(step);
    const located = this.decode(node, fallback);
    this.path.pop();
    return located;
  }

  private key(node: unknown, offset: number): string {
    const { value } = this.decode(node, offset);
    if (typeof value === 'string') return value;
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    throw new UnreadableDocument(`${value === null ? 'null' : 'a list or an object'} cannot be a key`, offset);
  }

  /** Later keys win, whether merged or written: go-yaml fills one map in the order of the text. */
  private merge(value: unknown, offset: number, into: Children): void {
    const sources = isSeq(value) ? [...value.items].reverse() : [value];
    for (const source of sources) {
      const { children, value: merged } = this.decode(source, offset);
      if (children === undefined || Array.isArray(merged)) {
        throw new UnreadableDocument('<< merges an object or a list of objects', offset);
      }
      for (const [key, child] of children) into.set(key, child);
    }
  }

  private offsetOf(node: unknown, fallback: number): number {
    const range = isAlias(node) || isScalar(node) || isMap(node) || isSeq(node) ? node.range : undefined;
    return range === undefined || range === null ? fallback : this.base + range[0];
  }
}

function isMergeKey(key: unknown): boolean {
  if (!isScalar(key) || key.value !== '<<') return false;
  if (key.tag === undefined) return key.type === Scalar.PLAIN;
  // go-yaml's isMerge (decode.go) goes by what is implicit, and `!` makes anything so, quoted or not (parserc.go).
  return key.tag === '!' || key.tag === 'tag:yaml.org,2002:merge';
}

/** Keys may be anything, even `__proto__`. */
function plainObject(children: Children): Readonly<Record<string, unknown>> {
  return Object.fromEntries([...children].map(([key, child]) => [key, child.value]));
}
