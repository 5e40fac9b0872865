import { printableLine, printablePath } from '../objects/printable.ts';

/** How many lines around a change are shown. */
const CONTEXT = 3;

/** From how many differences on the way so far is taken for the right one, so that the search stays small. */
const DEEPEST = 200;

/** Op is a line that both texts have, or one of them; both offsets are those before it. */
interface Op {
  readonly kind: ' ' | '-' | '+';
  readonly old: number;
  readonly now: number;
}

/**
 * unifiedDiff shows how one text becomes another, as `diff -u` and `git apply` have it; empty where they are equal. What would
 * speak to a terminal or a runner is replaced, and only there it is no patch.
 */
export function unifiedDiff(file: string, before: string, after: string): string {
  if (before === after) return '';
  const [old, now] = [linesOf(before), linesOf(after)];
  const path = printablePath(file);
  const hunks = hunksOf(opsOf(old, now)).map((ops) => hunkText(ops, old, now));
  return `--- ${path}\n+++ ${path}\n${hunks.join('')}`;
}

/** Each with its line break, if it has one. */
function linesOf(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function opsOf(old: readonly string[], now: readonly string[]): readonly Op[] {
  const ops: Op[] = [];
  let at = { old: 0, now: 0 };
  while (at.old < old.length || at.now < now.length) {
    const found = search(old, now, at);
    for (const op of found) ops.push(op);
    const last = found.at(-1);
    if (last === undefined) break;
    at = { old: last.old + (last.kind === '+' ? 0 : 1), now: last.now + (last.kind === '-' ? 0 : 1) };
  }
  return ops;
}

/** Way is how far one gets on a diagonal (of old less new), and from where the last step came. */
interface Way {
  readonly old: number;
  readonly now: number;
  readonly from: Way | undefined;
}

/** Myers' greedy search from a place on, to the end or to the furthest that some differences lead. */
function search(old: readonly string[], now: readonly string[], start: { old: number; now: number }): readonly Op[] {
  const isAtEnd = (way: Way) => way.old === old.length && way.now === now.length;
  let ways: ReadonlyMap<number, Way> = new Map([
    [0, slide({ ...start, from: { ...start, from: undefined } }, old, now)],
  ]);
  for (let depth = 1; ; depth += 1) {
    const end = [...ways.values()].find(isAtEnd);
    if (end !== undefined) return opsOn(end);
    if (depth > DEEPEST) return opsOn([...ways.values()].reduce((a, b) => (b.old + b.now > a.old + a.now ? b : a)));
    ways = oneDeeper(ways, depth, old, now);
  }
}

/** The furthest way on each diagonal with one difference more. */
function oneDeeper(ways: ReadonlyMap<number, Way>, depth: number, old: readonly string[], now: readonly string[]) {
  const next = new Map<number, Way>();
  for (let diagonal = -depth; diagonal <= depth; diagonal += 2) {
    const [left, up] = [ways.get(diagonal - 1), ways.get(diagonal + 1)];
    const deleted =
      left !== undefined && left.old < old.length ? { old: left.old + 1, now: left.now, from: left } : undefined;
    const added = up !== undefined && up.now < now.length ? { old: up.old, now: up.now + 1, from: up } : undefined;
    const way = added === undefined || (deleted !== undefined && deleted.old > added.old) ? deleted : added;
    if (way !== undefined) next.set(diagonal, slide(way, old, now));
  }
  return next;
}

/** As far as both texts go on alike. */
function slide(way: Way, old: readonly string[], now: readonly string[]): Way {
  let [i, j] = [way.old, way.now];
  while (i < old.length && j < now.length && old[i] === now[j]) [i, j] = [i + 1, j + 1];
  return { ...way, old: i, now: j };
}

function opsOn(end: Way): readonly Op[] {
  const ops: Op[] = [];
  for (let way: Way = end; way.from !== undefined; way = way.from) {
    const { from } = way;
    let [i, j] = [way.old, way.now];
    while (i > from.old && j > from.now) {
      [i, j] = [i - 1, j - 1];
      ops.push({ kind: ' ', old: i, now: j });
    }
    if (i > from.old) ops.push({ kind: '-', old: i - 1, now: j });
    if (j > from.now) ops.push({ kind: '+', old: i, now: j - 1 });
  }
  return ops.reverse();
}

/** hunksOf cuts the changes into groups, each with what is around it. */
function hunksOf(ops: readonly Op[]): readonly (readonly Op[])[] {
  const hunks: Op[][] = [];
  let end = -1;
  for (const [i, { kind }] of ops.entries()) {
    if (kind === ' ') continue;
    const from = Math.max(0, i - CONTEXT);
    const to = Math.min(ops.length, i + CONTEXT + 1);
    const last = hunks.at(-1);
    if (last !== undefined && from <= end) last.push(...ops.slice(end, to));
    else hunks.push(ops.slice(from, to));
    end = to;
  }
  return hunks;
}

function hunkText(ops: readonly Op[], old: readonly string[], now: readonly string[]): string {
  const [first] = ops;
  if (first === undefined) return '';
  const range = (start: number, kind: Op['kind']) => {
    const count = ops.filter((op) => op.kind !== kind).length;
    return `${count === 0 ? start : start + 1}${count === 1 ? '' : `,${count}`}`;
  };
  const lines = ops.map((op) => lineText(op.kind, (op.kind === '+' ? now[op.now] : old[op.old]) ?? ''));
  return `@@ -${range(first.old, '+')} +${range(first.now, '-')} @@\n${lines.join('')}`;
}

function lineText(kind: Op['kind'], line: string): string {
  const end = /\r?\n$/.exec(line)?.[0] ?? '';
  const shown = printableLine(line.slice(0, line.length - end.length));
  return `${kind}${shown}${end === '' ? '\n\\ No newline at end of file\n' : end}`;
}
