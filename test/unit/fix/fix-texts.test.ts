import { expect, test } from 'vitest';
import { applyRemedies, inParallel, type Texts } from '../../../src/fix/apply-remedies.ts';
import type { Fault, FileEdit } from '../../../src/fix/fault.ts';
import { fixTexts } from '../../../src/fix/fix-texts.ts';

/** A judge of files of numbers: an odd one is a fault, and its remedy may be anything. */
type Remedies = Readonly<Record<number, readonly number[] | undefined>>;

const TEXT = 'a: 1\nb: 3\nc: 2\n';

/** Of each number that is in `remedies`, what is to become of a, b and c. */
function judgeBy(remedies: Remedies, namespaces: Readonly<Record<string, string>> = {}) {
  return (texts: Texts): readonly Fault[] =>
    [...texts].flatMap(([file, text]) =>
      text.split('\n').flatMap((line): readonly Fault[] => {
        const [name = '', value] = line.split(': ');
        if (name === '' || Number(value) % 2 === 0) return [];
        const wanted = remedies[Number(value)];
        const edits = wanted?.map((number, i): FileEdit => {
          const path = ['a', 'b', 'c'][i] ?? '';
          return { file, offset: 0, edit: { kind: 'set', path, value: number } };
        });
        const own = edits?.filter(
          ({ edit }) => edit.kind === 'set' && !text.includes(`${edit.path}: ${String(edit.value)}\n`),
        );
        const remedy = own === undefined ? undefined : { text: `Fix ${value}`, edits: own };
        return [
          { rule: 'odd', isError: true, namespace: namespaces[name], object: name, path: '', message: line, remedy },
        ];
      }),
    );
}

test('remedies are used until none is left, those that meet one after the other', () => {
  const fixed = fixTexts(new Map([['x', TEXT]]), judgeBy({ 1: [2, 3, 2], 3: [2, 4, 2] }));
  expect(fixed.texts.get('x')).toBe('a: 2\nb: 4\nc: 2\n');
  expect(fixed.done.map(({ remedy }) => remedy?.text)).toEqual(['Fix 1', 'Fix 3']);
  expect(fixed.left).toEqual([]);
});

test('a remedy that brings a fault which was not there is not used, and others are', () => {
  const judge = judgeBy({ 1: [2, 3, 5], 3: [1, 4, 2] });
  const fixed = fixTexts(new Map([['x', TEXT]]), judge);
  expect(fixed.texts.get('x')).toBe('a: 1\nb: 4\nc: 2\n');
  expect([...fixed.reasons.values()]).toEqual(['it would bring odd to b']);
  expect(fixTexts(fixed.texts, judge).texts).toEqual(fixed.texts);
});

test('a remedy that leaves its fault is not used', () => {
  const fixed = fixTexts(new Map([['x', TEXT]]), judgeBy({ 1: [7, 3, 2] }));
  expect(fixed.texts.get('x')).toBe(TEXT);
  expect([...fixed.reasons.values()]).toEqual(['it would still be there']);
});

test('of remedies that were only wrong together the right ones are used', () => {
  const judge = (texts: Texts) => {
    const faults = judgeBy({ 1: [2, 3, 2], 3: [1, 8, 2] })(texts);
    const isBoth = /a: 2\nb: 8/.test(texts.get('x') ?? '');
    const both = { rule: 'both', isError: true, object: 'c', path: '', message: 'both' };
    return isBoth ? [...faults, both] : faults;
  };
  const fixed = fixTexts(new Map([['x', TEXT]]), judge);
  expect(fixed.texts.get('x')).toBe('a: 2\nb: 3\nc: 2\n');
  expect(fixed.left.map(({ object }) => object)).toEqual(['b']);
});

test('an edit that cannot be made hinders no other', () => {
  const edits = (path: string): readonly FileEdit[] => [
    { file: 'x', offset: 0, edit: { kind: 'set', path, value: { e: 1 } } },
    { file: 'y', offset: 0, edit: { kind: 'set', path: 'a', value: path.length } },
  ];
  const fault = (object: string, path: string): Fault => {
    return { rule: 'odd', isError: true, object, path, message: '', remedy: { text: 'Fix it', edits: edits(path) } };
  };
  const texts = new Map([
    ['x', 'a: &s {b: 1}\nc: *s\nd: 4\n'],
    ['y', 'a: 9\n'],
  ]);
  const faults = [fault('one', 'a.b'), fault('two', 'd')];
  const applied = applyRemedies(texts, faults);
  expect(applied.refused.map(({ fault: { object }, reason }) => [object, reason])).toEqual([
    ['one', 'a is also used elsewhere, by the anchor &s'],
  ]);
  expect(applied.done.map(({ object }) => object)).toEqual(['two']);
  expect(Object.fromEntries(applied.texts)).toEqual({ x: 'a: &s {b: 1}\nc: *s\nd:\n  e: 1\n', y: 'a: 1\n' });
});

test('remedies go together unless one changes what another one changes, or what that lies in', () => {
  const fault = (object: string, ...paths: readonly string[]): Fault => {
    const edits = paths.map((path): FileEdit => ({ file: 'x', offset: 0, edit: { kind: 'remove', path } }));
    return { rule: 'odd', isError: true, namespace: 'n', object, path: '', message: '', remedy: { text: '', edits } };
  };
  const faults = [
    fault('first', 'a[1]'),
    fault('within', 'a[1].to'),
    fault('beside', 'a[10]', 'b.c'),
    fault('around', 'b'),
    fault('same', 'b.c'),
    fault('longer', 'b.cd'),
  ];
  const namesOf = (chosen: readonly Fault[]) => chosen.map(({ object }) => object);
  expect(namesOf(inParallel(faults, new Map()))).toEqual(['first', 'beside', 'longer']);
  expect(namesOf(inParallel(faults, new Map([['n', 2]])))).toEqual(['first', 'beside']);
});
