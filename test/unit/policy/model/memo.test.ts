import { expect, test } from 'vitest';
import { Memo } from '../../../../src/policy/model/memo.ts';

test('a value is found once for each owner and key', () => {
  const remembered = new Memo<object, number>();
  const [one, other] = [{}, {}];
  let finds = 0;
  const ask = (owner: object, key: string) => remembered.get(owner, key, () => ++finds);
  expect([ask(one, 'a'), ask(one, 'a'), ask(one, 'b'), ask(other, 'a')]).toEqual([1, 1, 2, 3]);
});

test('memories of one owner do not mix', () => {
  const owner = {};
  const [first, second] = [new Memo<object, string>(), new Memo<object, string>()];
  expect([first.get(owner, '', () => 'first'), second.get(owner, '', () => 'second')]).toEqual(['first', 'second']);
});

test('a copy of an owner is another owner, and nothing of the memory shows', () => {
  const remembered = new Memo<object, string>();
  const owner = { name: 'web' };
  remembered.get(owner, '', () => 'kept');
  expect(Reflect.ownKeys({ ...owner })).toEqual(['name']);
  expect(JSON.stringify(owner)).toBe('{"name":"web"}');
  expect(remembered.get({ ...owner }, '', () => 'found')).toBe('found');
});

test('keys of any text are apart from what objects inherit', () => {
  const remembered = new Memo<object, string>();
  const owner = {};
  for (const key of ['__proto__', 'constructor', 'toString']) {
    expect(remembered.get(owner, key, () => `found ${key}`)).toBe(`found ${key}`);
  }
});

test('past the most values of an owner, more are found each time', () => {
  const remembered = new Memo<object, number>(1);
  const owner = {};
  let finds = 0;
  const ask = (key: string) => remembered.get(owner, key, () => ++finds);
  expect([ask('a'), ask('b'), ask('b'), ask('a')]).toEqual([1, 2, 3, 1]);
});

test('what no longer holds is found anew, and replaced', () => {
  const remembered = new Memo<object, number>(1);
  const owner = {};
  const ask = (least: number) =>
    remembered.get(
      owner,
      '',
      () => least,
      (value) => value >= least,
    );
  expect([ask(1), ask(0), ask(2), ask(1)]).toEqual([1, 1, 2, 2]);
});
