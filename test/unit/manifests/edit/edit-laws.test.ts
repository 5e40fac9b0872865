import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { editText } from '../../../../src/manifests/edit/edit-text.ts';
import { readDocument } from '../../../../src/manifests/text/read-document.ts';
import { printPath } from '../../../../src/objects/field-path.ts';
import { isObject } from '../../../../src/objects/fields.ts';
import type { Edit } from '../../../../src/policy/model/fix.ts';
import { type WrittenLine, writeYaml } from './written-yaml.ts';

type Path = readonly (string | number)[];

interface Draft {
  readonly kind: 'add' | 'set' | 'remove';
  readonly path: Path;
  readonly value: unknown;
}

const key = fc.constantFrom('to', 'ports', 'podSelector', 'app', 'a.b/c', 'y', 'x-1', '53');
const leaf = fc.oneof(
  fc.integer({ min: 0, max: 70_000 }),
  fc.constantFrom('UDP', 'kube-system', 'it is # not', "it's", 'a: b', '', 'yes', '1.0', '*', null, true),
);
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'medium', maxDepth: 4 },
    leaf,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));
const object = fc.dictionary(key, value, { minKeys: 1, maxKeys: 5, noNullPrototype: true });
/** What the tests call keys of digits are places in lists to a path. */
const unlikePlaces = (path: Path) => path.every((step) => typeof step === 'number' || !/^\d+$/.test(step));

/** pathsIn lists the paths of all parts of a value. */
function pathsIn(whole: unknown, path: Path = []): readonly Path[] {
  const entries: readonly (readonly [string | number, unknown])[] = Array.isArray(whole)
    ? [...whole.entries()]
    : Object.entries(isObject(whole) ? whole : {});
  return entries.flatMap(([step, part]) => [[...path, step], ...pathsIn(part, [...path, step])]);
}

function partAt(whole: unknown, path: Path): unknown {
  return path.reduce<unknown>((part, step) => (part as Record<string | number, unknown>)[step], whole);
}

/** withEdits does edits one after the other, those at the end first, so that places hold: another way than the editor's. */
function withEdits(whole: unknown, drafts: readonly Draft[]): unknown {
  const copy: unknown = structuredClone(whole);
  const order = [...drafts].sort((a, b) => comparePaths(b.path, a.path));
  for (const { kind, path, value: given } of order) {
    const parent = partAt(copy, path.slice(0, -1)) as Record<string | number, unknown>;
    const last = path.at(-1) ?? '';
    if (kind === 'set') parent[last] = given;
    else if (kind === 'remove' && Array.isArray(parent)) parent.splice(Number(last), 1);
    else if (kind === 'remove') delete parent[last];
    else parent[last] = [...((parent[last] as unknown[] | null | undefined) ?? []), given];
  }
  return copy;
}

function comparePaths(a: Path, b: Path): number {
  for (const [i, step] of a.entries()) {
    const other = b[i];
    if (other === undefined) return 1;
    if (step !== other)
      return typeof step === 'number' && typeof other === 'number' ? step - other : `${step}` < `${other}` ? -1 : 1;
  }
  return a.length - b.length;
}

const isWithin = (path: Path, outer: Path) => outer.every((step, i) => path[i] === step);

/** draftsOf makes edits of what is there that have nothing to do with each other. */
function draftsOf(
  whole: unknown,
  choices: readonly { readonly at: number; readonly kind: number; readonly value: unknown }[],
) {
  const paths = pathsIn(whole).filter(unlikePlaces);
  const drafts: Draft[] = [];
  for (const choice of choices) {
    const path = paths[choice.at % Math.max(1, paths.length)];
    if (path === undefined || drafts.some((other) => isWithin(path, other.path) || isWithin(other.path, path)))
      continue;
    const part = partAt(whole, path);
    if (isObject(part) && choice.kind > 2) {
      const missing = [...path, choice.kind > 3 ? 'from' : 'ipBlock'];
      drafts.push({ kind: choice.kind > 3 ? 'add' : 'set', path: missing, value: choice.value });
      continue;
    }
    const kinds = Array.isArray(part) ? (['add', 'set', 'remove'] as const) : (['set', 'remove'] as const);
    const kind = kinds[choice.kind % kinds.length] ?? 'set';
    drafts.push({ kind, path, value: choice.value });
  }
  return drafts;
}

function editOf({ kind, path, value: given }: Draft): Edit {
  const printed = printPath(path);
  if (kind === 'add') return { kind, path: printed, items: [given] };
  return kind === 'set' ? { kind, path: printed, value: given } : { kind, path: printed };
}

const choices = fc.array(fc.record({ at: fc.nat(1000), kind: fc.nat(5), value }), { minLength: 1, maxLength: 4 });

/** A line may change where an edited value is on it; what a dash had before it may move up to the dash. */
function demandRest(before: readonly WrittenLine[], after: string, drafts: readonly Draft[]): void {
  const bare = (text: string) => text.replace(/^[\s-]+/, '').trimEnd();
  const kept = before.filter((line) => !drafts.some((draft) => isTouched(line, draft)));
  const lines = after.split('\n').map(bare);
  let at = 0;
  for (const { text } of kept) {
    const found = lines.indexOf(bare(text), at);
    expect(found, `${text}\nis no longer there in\n${after}`).toBeGreaterThanOrEqual(0);
    at = found + 1;
  }
}

/** The comments that a scribe writes, sorted. */
function commentsIn(text: string): readonly string[] {
  return [...text.matchAll(/# (because|note) \d+/g)].map(([comment]) => comment).sort();
}

/** Within flow style the line is that of a value further out; a comment is only ever part of what it lies in. */
function isTouched({ text, path }: WrittenLine, draft: Draft): boolean {
  return isWithin(path, draft.path) || (!text.trim().startsWith('#') && isWithin(draft.path, path));
}

/** What loses all that it holds has no place left for the comments between its parts. */
function isEmptied(part: unknown, path: Path, drafts: readonly Draft[]): boolean {
  if (typeof part !== 'object' || part === null) return false;
  const steps = Array.isArray(part) ? [...part.keys()] : Object.keys(part);
  const isRemoved = (step: string | number) =>
    drafts.some(({ kind, path: removed }) => kind === 'remove' && printPath(removed) === printPath([...path, step]));
  return steps.length > 0 && steps.every(isRemoved);
}

test('what is edited says what was wanted, whatever hand wrote it, no comment is lost, and every other line is as it was', () => {
  fc.assert(
    fc.property(object, choices, fc.infiniteStream(fc.nat(5039)), fc.boolean(), (whole, chosen, numbers, isCrlf) => {
      const drafts = draftsOf(whole, chosen);
      fc.pre(drafts.length > 0 && !drafts.some(({ path, kind }) => kind === 'remove' && path.length === 1));
      const lines = writeYaml(whole, (below) => Number(numbers.next().value) % below);
      const text = lines.map((line) => line.text).join('\n');
      const given = isCrlf ? text.replaceAll('\n', '\r\n') : text;
      const [offset] = [readDocument({ text: given, offset: 0 })?.offset ?? 0];
      const result = editText(
        given,
        drafts.map((draft) => ({ offset, edit: editOf(draft) })),
      );
      if (!('text' in result)) {
        expect(result.reason, `${JSON.stringify(drafts)}\n${given}`).toBe('has comments that would be lost');
        const emptied = (path: Path) => isEmptied(partAt(whole, path), path, drafts);
        const touched = lines.filter((line) => emptied(line.path) || drafts.some((draft) => isTouched(line, draft)));
        expect(touched.flatMap((line) => commentsIn(line.text))).not.toEqual([]);
        return;
      }
      expect(commentsIn(result.text), `${JSON.stringify(drafts)}\n${given}`).toEqual(commentsIn(given));
      expect(readDocument({ text: result.text, offset: 0 })?.value).toEqual(withEdits(whole, drafts));
      if (given.includes('\r')) expect(result.text.replaceAll('\r\n', '')).not.toContain('\n');
      demandRest(lines, result.text.replaceAll('\r\n', '\n'), drafts);
    }),
    { numRuns: 400 },
  );
});

test('JSON stays JSON and says what was wanted, in one line or in many', () => {
  fc.assert(
    fc.property(object, choices, fc.constantFrom('', '  ', '\t'), (whole, chosen, unit) => {
      const drafts = draftsOf(whole, chosen);
      fc.pre(drafts.length > 0 && !drafts.some(({ path, kind }) => kind === 'remove' && path.length === 1));
      const given = JSON.stringify(whole, undefined, unit);
      const result = editText(
        given,
        drafts.map((draft) => ({ offset: 0, edit: editOf(draft) })),
      );
      expect(result, `${JSON.stringify(drafts)}\n${given}`).toHaveProperty('text');
      if ('text' in result) expect(JSON.parse(result.text)).toEqual(withEdits(whole, drafts));
    }),
    { numRuns: 400 },
  );
});
