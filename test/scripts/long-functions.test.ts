import { expect, it } from 'vitest';
import { longFunctions } from '../../scripts/long-functions.ts';

const LONG = `{${'\n'.repeat(60)}}`;

const namesIn = (text: string) => longFunctions('a.ts', text).map(({ line, name }) => `${line} ${name}`);

it.each([
  ['a declaration', `function act() ${LONG}`, '1 act'],
  ['an arrow function', `\nconst act = async () => ${LONG};`, '2 act'],
  ['a method', `class Actor {\n  private act(): void ${LONG}\n}`, '2 act'],
  ['a property', `const actor = { act: () => ${LONG} };`, '1 act'],
  ['a test', `test('acts', () => ${LONG});`, '1 acts'],
  ['a test of a table', `test.each([1])('acts %i', (i) => ${LONG});`, '1 acts %i'],
  ['what a call is given', `list.map((i) => ${LONG});`, '1 what list.map is given'],
  ['what is returned', `const actor = () => () => ${LONG};`, ['1 actor', '1 without a name']],
])('%s has a name and a line', (_, text, expected) => {
  expect(namesIn(text)).toEqual([expected].flat());
});

it('counts a function within a long one for itself', () => {
  expect(namesIn(`function outer() {\n  const inner = () => ${LONG};\n}`)).toEqual(['1 outer', '2 inner']);
});

it('does not count the body of a describe, but what is in it', () => {
  expect(namesIn(`describe('an actor', () => {\n  it('acts', () => ${LONG});\n});`)).toEqual(['2 acts']);
  expect(namesIn(`describe.each([1])('an actor', () => ${LONG});`)).toEqual([]);
});
