import { type Alias, isAlias, isMap, isScalar, isSeq, type Node } from 'yaml';
import { UnreadableDocument } from './located.ts';

/**
 * aliasTargets returns the target of each alias: the node whose anchor was last set before it in the text. go-yaml
 * resolves aliases as it parses, whatever is decoded first later. `base` is the document's offset in its file. Throws
 * UnreadableDocument.
 */
export function aliasTargets(contents: unknown, base: number): ReadonlyMap<Alias, Node> {
  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node>();
  const targetOf = (alias: Alias): Node => {
    const target = anchors.get(alias.source);
    if (target !== undefined) return target;
    const offset = base + (alias.range?.[0] ?? 0);
    throw new UnreadableDocument(`no anchor &${alias.source} comes before this alias`, offset);
  };
  const follow = (node: unknown): void => {
    if (isAlias(node)) {
      targets.set(node, targetOf(node));
      return;
    }
    if (!isScalar(node) && !isMap(node) && !isSeq(node)) return;
    if (node.anchor !== undefined) anchors.set(node.anchor, node);
    if (isSeq(node)) for (const item of node.items) follow(item);
    if (!isMap(node)) return;
    for (const { key, value } of node.items) {
      follow(key);
      follow(value);
    }
  };
  follow(contents);
  return targets;
}
