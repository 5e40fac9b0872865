import { LineCounter, parseDocument } from 'yaml';
import { parsePath } from '../../src/objects/field-path.ts';

/** Pasted is one step of a refusal: the path that its text names, and the lines below it as they were printed. */
interface Printed {
  readonly path: string;
  readonly lines: readonly string[];
}

/**
 * paste does to a file what somebody does who reads a refusal: it puts the lines that were printed, letter by letter, where
 * the line above them says. It knows no more of netpol-guard than what is printed.
 */
export function paste(file: string, refusal: string): string {
  const printed = printedIn(refusal);
  if (printed.length === 0) throw new Error(`nothing to paste in\n${refusal}`);
  // From the end, so that no line moves before its turn.
  return printed.toSorted((a, b) => (a.path < b.path ? 1 : -1)).reduce(pasteOne, file);
}

/** A step is text at two columns that ends in a colon; its YAML follows. */
function printedIn(refusal: string): readonly Printed[] {
  const steps: Printed[] = [];
  let text = '';
  let lines: string[] = [];
  for (const line of [...refusal.split('\n'), '  More:']) {
    const isYaml = lines.length > 0 || text.endsWith(':');
    if (isYaml && /^ {2,}(- |[\w./"-]+:( |$))/.test(line) && !/^ {2}[A-Z]/.test(line)) {
      lines.push(line);
      continue;
    }
    const path = /spec(?:\.\w+(?:\[\d+\])?)+/.exec(text)?.[0];
    if (lines.length > 0 && path !== undefined) steps.push({ path, lines });
    lines = [];
    text = /^ {2}[A-Z]/.test(line) ? line : `${text} ${line.trim()}`;
  }
  return steps;
}

function pasteOne(file: string, { path, lines }: Printed): string {
  const [first = ''] = lines;
  const key = /^ *([\w-]+):/.exec(first)?.[1];
  const isItem = first.trimStart().startsWith('- ');
  const steps = parsePath(path);
  if (isItem && !path.endsWith(']')) return after(file, steps, lines);
  if (isItem) return instead(file, steps, lines);
  if (steps.at(-1) === key) return withKey(file, steps.slice(0, -1), key ?? '', lines);
  return withKey(file, steps, key ?? '', lines);
}

/** In place of an item of a list. */
function instead(file: string, path: readonly (string | number)[], lines: readonly string[]): string {
  const [from, to] = linesOf(file, path);
  return spliced(file, from, to, lines);
}

/** Behind the last item of a list. */
function after(file: string, path: readonly (string | number)[], lines: readonly string[]): string {
  const [, to] = linesOf(file, path);
  return spliced(file, to, to, lines);
}

/** A key of an object: in place of the one that is there, else behind the others. */
function withKey(file: string, path: readonly (string | number)[], key: string, lines: readonly string[]): string {
  const document = parseDocument(file);
  if (!document.hasIn([...path, key])) return after(file, path, lines);
  const [from] = linesOf(file, path);
  const [, to] = linesOf(file, [...path, key]);
  const all = file.split('\n');
  const start = all.findIndex((line, i) => i >= from && new RegExp(`^ *(- )?${key}:`).test(line));
  // The dash of an item belongs to whichever key comes first.
  const dash = (all[start] ?? '').trimStart().startsWith('- ');
  const [first = '', ...others] = lines;
  return spliced(file, start, to, dash ? [first.replace(/^( *) {2}/, '$1- '), ...others] : lines);
}

/** The lines of a node, from 0, the last one excluded. */
function linesOf(file: string, path: readonly (string | number)[]): readonly [from: number, to: number] {
  const counter = new LineCounter();
  const node = parseDocument(file, { lineCounter: counter }).getIn(path, true) as { range?: [number, number, number] };
  const [start, end] = node.range ?? [0, 0];
  const text = file.slice(start, end).trimEnd();
  return [counter.linePos(start).line - 1, counter.linePos(start + Math.max(0, text.length - 1)).line];
}

function spliced(file: string, from: number, to: number, lines: readonly string[]): string {
  const all = file.split('\n');
  return [...all.slice(0, from), ...lines, ...all.slice(to)].join('\n');
}
