import {
  type Document,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  type Scalar,
  type Tags,
  visit,
} from 'yaml';
import type { FieldPath } from '../objects/field-path.ts';
import { messageOf } from '../objects/message-of.ts';
import { show } from '../objects/problem.ts';
import { ConfigurationError, type ConfigurationProblem } from './problem.ts';

/** YamlValue is the content of a file, with a way back to the text. */
export interface YamlValue {
  readonly value: unknown;
  /** Counted from 1: where the key or the list item is written that the segments lead to, or the nearest one above. */
  position(segments: FieldPath): { readonly line: number; readonly column: number };
}

/**
 * readYaml reads one YAML document as kubectl would: YAML 1.1, so `off` and `no` are booleans, but times stay strings.
 * null counts as missing. `whenEmpty` is the advice for an empty file. Throws ConfigurationError.
 */
export function readYaml(
  text: string,
  source: string,
  whenEmpty = 'write at least kind: GuardConfiguration',
): YamlValue {
  const lines = new LineCounter();
  const [document, ...others] = parse(text, source, lines);
  if (document === undefined || document.contents === null) {
    throw new ConfigurationError(source, [{ path: '', message: `is empty; ${whenEmpty}` }]);
  }
  const problem = (message: string, offset: number): ConfigurationProblem => {
    const { line, col } = lines.linePos(offset);
    return { path: '', message: `cannot be read as YAML: ${firstLine(message)}`, line, column: col };
  };
  const faults = [...document.errors, ...document.warnings].map(({ message, pos }) => problem(message, pos[0]));
  for (const key of readable(source, () => repeatedKeys(document))) {
    faults.push(problem(`${show(String(key))} is given twice`, key.range?.[0] ?? 0));
  }
  if (others.length > 0) faults.push({ path: '', message: `holds ${others.length + 1} documents; expected one` });
  if (faults.length > 0) throw new ConfigurationError(source, faults);
  return {
    value: readable(source, () => withoutNulls(document.toJS())),
    position(segments) {
      const { line, col } = lines.linePos(offsetOf(document.contents, segments));
      return { line, column: col };
    },
  };
}

function parse(text: string, source: string, lineCounter: LineCounter): readonly Document.Parsed[] {
  return readable(source, () => [...parseAllDocuments(text, { ...KUBECTL_YAML, lineCounter })]);
}

/**
 * What the library throws: `toJS` refuses aliases that multiply (`maxAliasCount`), and every walk overflows the stack on
 * a file of nothing but brackets.
 */
function readable<T>(source: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const message = `cannot be read as YAML: ${firstLine(messageOf(error))}`;
    throw new ConfigurationError(source, [{ path: '', message }]);
  }
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0] ?? '';
}

const KUBECTL_TAGS: ReadonlySet<string> = new Set(
  ['map', 'seq', 'str', 'null', 'bool', 'int', 'float', 'merge'].map((name) => `tag:yaml.org,2002:${name}`),
);

/** The library's own search for repeated keys takes time that grows with the square of their number. */
const KUBECTL_YAML = { version: '1.1', customTags: kubectlTags, prettyErrors: false, uniqueKeys: false } as const;

function repeatedKeys(document: Document.Parsed): readonly Scalar[] {
  const repeated: Scalar[] = [];
  visit(document, {
    Map(_, map) {
      const seen = new Set<unknown>();
      for (const { key } of map.items) {
        if (!isScalar(key) || key.value === '<<') continue;
        if (seen.has(key.value)) repeated.push(key);
        seen.add(key.value);
      }
    },
  });
  return repeated;
}

/** sigs.k8s.io/yaml hands times over as strings and knows no base 60, no sets and no binary. */
function kubectlTags(tags: Tags): Tags {
  return tags.filter(
    (tag) => typeof tag === 'object' && KUBECTL_TAGS.has(tag.tag) && !('format' in tag && tag.format === 'TIME'),
  );
}

/** Deeper than any manifest in `baseline.templates`, and far from the end of any stack. */
const MAX_DEPTH = 100;

function withoutNulls(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth > MAX_DEPTH) throw new Error(`is nested more than ${MAX_DEPTH} deep`);
  if (Array.isArray(value)) return value.map((item) => withoutNulls(item, depth + 1));
  const kept = Object.entries(value).filter(([, item]) => item !== null);
  return Object.fromEntries(kept.map(([key, item]) => [key, withoutNulls(item, depth + 1)]));
}

function offsetOf(root: Node | null, segments: FieldPath): number {
  let node: unknown = root;
  let offset = startOf(root) ?? 0;
  for (const segment of segments) {
    const step = stepInto(node, segment);
    if (step === undefined) break;
    node = step.node;
    offset = startOf(step.at) ?? offset;
  }
  return offset;
}

/** The value under a key or an index, and the node at which its place in the text begins. */
function stepInto(node: unknown, segment: FieldPath[number]): { node: unknown; at: unknown } | undefined {
  if (isMap<Node, Node>(node)) {
    const pair = node.items.find(({ key }) => String(key) === segment);
    return { node: pair?.value, at: pair?.key };
  }
  if (!isSeq<Node>(node) || typeof segment !== 'number') return undefined;
  const item = node.items[segment];
  return { node: item, at: item };
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}
