import fc from 'fast-check';
import { expect, test } from 'vitest';
import { wrap } from '../../../src/objects/wrap.ts';

const wordsOf = (text: string) => text.split(' ').filter((word) => word !== '');

test('a text that fits is one line, and none is none', () => {
  expect(wrap('a text that fits', 16)).toEqual(['a text that fits']);
  expect(wrap('a text that fits', 15)).toEqual(['a text that', 'fits']);
  expect(wrap('', 10)).toEqual([]);
  expect(wrap('   ', 10)).toEqual([]);
});

test('a word that is longer than a line has a line of its own, whole', () => {
  expect(wrap('see https://docs.example/rules/dns-blocked.md for more', 12)).toEqual([
    'see',
    'https://docs.example/rules/dns-blocked.md',
    'for more',
  ]);
});

test('lines are as full as they can be, no wider, and hold every word in its order', () => {
  const text = fc
    .array(fc.oneof(fc.string({ maxLength: 12 }), fc.constantFrom('', ' ', 'a')), { maxLength: 40 })
    .map((words) => words.join(' '));
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 20 }), (given, width) => {
      const lines = wrap(given, width);
      expect(lines.flatMap(wordsOf)).toEqual(wordsOf(given));
      lines.forEach((line, i) => {
        expect(line.length <= width || wordsOf(line).length === 1).toBe(true);
        const [next] = wordsOf(lines[i + 1] ?? '');
        if (next !== undefined) expect(line.length + 1 + next.length).toBeGreaterThan(width);
      });
    }),
  );
});
