import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Allowances } from '../../../../src/admission/server/allowances.ts';

test('over any time an owner gets no more than its allowance and what it has earned since, and no less', () => {
  const pauses = fc.array(fc.nat(3000), { maxLength: 60 });
  fc.assert(
    fc.property(pauses, (list) => {
      const time = { now: 0 };
      const allowances = new Allowances({ most: 5, perSecond: 2 }, { now: () => time.now, elapsed: () => time.now });
      let left = 5;
      for (const pause of list) {
        time.now += pause;
        left = Math.min(5, left + (pause / 1000) * 2);
        const got = allowances.spend('a');
        expect(got).toBe(left >= 1);
        if (got) left -= 1;
      }
      expect(allowances.spend('b')).toBe(true);
    }),
  );
});

test('an owner that is forgotten for others has its whole allowance again', () => {
  const allowances = new Allowances({ most: 1, perSecond: 0 }, { now: () => 0, elapsed: () => 0 });
  expect(allowances.spend('a')).toBe(true);
  expect(allowances.spend('a')).toBe(false);
  for (let n = 0; n < 10_000; n += 1) allowances.spend(`${n}`);
  expect(allowances.spend('a')).toBe(true);
});
