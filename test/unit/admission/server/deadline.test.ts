import { expect, test } from 'vitest';
import { millisecondsToAnswer } from '../../../../src/admission/server/deadline.ts';

test.each([
  [undefined, 4500],
  ['5s', 4500],
  ['4.25s', 3750],
  ['1m30s', 29_500],
  ['800ms', 640],
  ['1.5ms', 1.2],
  ['2000µs', 1.6],
  ['0s', 0],
])('of a timeout of %s, %d ms are for the verdict', (timeout, expected) => {
  expect(millisecondsToAnswer(timeout)).toBeCloseTo(expected, 6);
});

test.each(['', '5', 's', '-5s', '5s ', '1e9s', '5d', `${'1'.repeat(70)}s`])('"%s" is no duration', (timeout) => {
  expect(() => millisecondsToAnswer(timeout)).toThrow('expected a duration such as 5s');
});
