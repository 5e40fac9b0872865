import { type Alias, isMap, isNode, isSeq, type Node } from 'yaml';
import { aliasTargets } from '../text/alias-targets.ts';
import { NotEditable } from './not-editable.ts';

/** Sharing knows which parts of a document are repeated by `*name`: changing one would change them all. */
export class Sharing {
  private readonly users = new Map<Node, Alias[]>();

  constructor(contents: unknown) {
    for (const [alias, target] of aliasTargets(contents, 0)) {
      const users = this.users.get(target);
      if (users === undefined) this.users.set(target, [alias]);
      else users.push(alias);
    }
  }

  /** demandOwn throws NotEditable if others repeat a value. */
  demandOwn(node: unknown, path: string): void {
    if (isNode(node) && this.users.has(node)) throw shared(node, path);
  }

  /** demandUnused throws NotEditable if anything outside of a value repeats a part of it, and so would lose it. */
  demandUnused(node: unknown, path: string): void {
    if (this.users.size === 0) return;
    const [start, , end] = (isNode(node) ? node.range : undefined) ?? [0, 0, 0];
    const look = (part: unknown): void => {
      if (!isNode(part)) return;
      const outside = this.users.get(part)?.some(({ range }) => (range?.[0] ?? 0) < start || (range?.[0] ?? 0) >= end);
      if (outside === true) throw shared(part, path);
      if (isSeq(part)) for (const item of part.items) look(item);
      if (!isMap(part)) return;
      for (const { key, value } of part.items) {
        look(key);
        look(value);
      }
    };
    look(node);
  }
}

function shared(node: Node, path: string): NotEditable {
  const name = 'anchor' in node ? node.anchor : undefined;
  return new NotEditable(path, `is also used elsewhere, by the anchor &${name ?? ''}`);
}
