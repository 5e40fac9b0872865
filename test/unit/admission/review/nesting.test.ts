import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isTooDeep } from '../../../../src/admission/review/nesting.ts';

const nested = (depth: number, inside = '') =>
  Buffer.from(`${'[{"a":'.repeat(depth / 2)}"${inside}"${'}]'.repeat(depth / 2)}`);

test('1500 levels are not too deep, and two more are', () => {
  expect(isTooDeep(nested(1500))).toBe(false);
  expect(isTooDeep(nested(1502))).toBe(true);
});

test('brackets in strings do not count, whatever is escaped in them', () => {
  const text = fc.array(fc.constantFrom('[', '{', '"', '\\', 'x', '\u00e9', '\n'), {
    minLength: 3000,
    maxLength: 5000,
  });
  fc.assert(
    fc.property(text, (parts) => {
      expect(isTooDeep(Buffer.from(JSON.stringify({ a: parts.join(''), b: [1] })))).toBe(false);
    }),
    { numRuns: 50 },
  );
});

test('what is deep behind a string is found', () => {
  const deep = `{"a":"\\\\","b":"\\"[","c":${'['.repeat(2000)}${']'.repeat(2000)}}`;
  expect(isTooDeep(Buffer.from(deep))).toBe(true);
});

test('what is no JSON at all ends', () => {
  expect(isTooDeep(Buffer.from(`"${'\\'.repeat(9001)}`))).toBe(false);
  expect(isTooDeep(Buffer.from(']'.repeat(9001)))).toBe(false);
});
