import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cut, plain, UNSEEN } from '../../../src/objects/plain-text.ts';
import { obeyed } from '../cli/runner.ts';
import { hostileText } from './hostile-text.ts';

test('a plain text stays as it is', () => {
  for (const text of ['', 'pods app=web', 'è 日本 😀', 'a ## [b]', '#[x]', 'a::b']) expect(plain(text)).toBe(text);
});

test('a stretch of what is not to be in a message is one space, and a command is broken', () => {
  expect(plain('a\r\n\u202e\u200bb')).toBe('a b');
  expect(plain('a ##[error]b')).toBe('a #\ufffd[error]b');
  expect(plain('#\u200b##vso[x]')).toBe('# #\ufffdvso[x]');
});

test('no message has anything unseen, or is a command, wherever it is cut', () => {
  fc.assert(
    fc.property(hostileText(), fc.integer({ min: 3, max: 30 }), (text, length) => {
      const message = `x ${cut(plain(text), length)}`;
      expect(message.match(UNSEEN)).toBeNull();
      expect(obeyed(message)).toEqual([]);
    }),
    { numRuns: 3000 },
  );
});
