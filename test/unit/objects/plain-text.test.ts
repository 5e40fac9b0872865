import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cut, cutMiddle, plain, UNSEEN } from '../../../src/objects/plain-text.ts';
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

test('a text that is cut in the middle keeps how it begins and how it ends', () => {
  expect(cutMiddle('web-7f9', 7)).toBe('web-7f9');
  expect(cutMiddle('NetworkPolicy shop/web-xxxxxxxxxxxx-7f9', 31)).toBe('NetworkPolicy ...xxxxxxxxxx-7f9');
  expect(cutMiddle('abcdefgh', 7)).toBe('ab...gh');
  expect(cutMiddle('abcdefgh', 6)).toBe('ab...h');
});

test('no cut parts a pair of surrogates, or leaves more than there is room for', () => {
  const text = fc.array(fc.constantFrom('a', '😀', 'é', '日'), { maxLength: 40 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, fc.integer({ min: 5, max: 30 }), (given, length) => {
      for (const short of [cut(given, length), cutMiddle(given, length)]) {
        expect(short.length).toBeLessThanOrEqual(length);
        expect(short).not.toMatch(/\p{Cs}/u);
        if (given.length > length) expect(short).toContain('...');
        else expect(short).toBe(given);
      }
      const [before = '', after = ''] = cutMiddle(given, length).split('...');
      expect(given.startsWith(before) && given.endsWith(after)).toBe(true);
      expect(cutMiddle(given, length).length).toBeGreaterThanOrEqual(Math.min(given.length, length - 2));
    }),
  );
});

test('no message has anything unseen, or is a command, wherever it is cut', () => {
  fc.assert(
    fc.property(hostileText(), fc.integer({ min: 5, max: 30 }), (text, length) => {
      for (const cutTo of [cut, cutMiddle]) {
        const message = `x ${cutTo(plain(text), length)}`;
        expect(message.match(UNSEEN)).toBeNull();
        expect(obeyed(message)).toEqual([]);
      }
    }),
    { numRuns: 3000 },
  );
});
