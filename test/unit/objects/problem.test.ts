import fc from 'fast-check';
import { expect, it } from 'vitest';
import { show } from '../../../src/objects/problem.ts';

it('show writes JSON, and of what is longer the beginning', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value);
      if (text.length <= 60) expect(show(value)).toBe(text);
      else {
        expect(show(value)).toBe(`${text.slice(0, 57)}...`);
      }
    }),
  );
});

it('show takes what is too deep or too long to be written', () => {
  let deep: unknown = [];
  for (let i = 0; i < 100_000; i += 1) deep = [deep];
  expect(show(deep)).toBe(`${'['.repeat(57)}...`);
  expect(show('x'.repeat(10_000_000))).toBe(`"${'x'.repeat(56)}...`);
  expect(show(undefined)).toBe('undefined');
});
