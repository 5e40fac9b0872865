import { describe, expect, it } from 'vitest';
import { comparisonTable, conclusion, isWorse } from './comparison.ts';
import { type Figure, pair, ratioOf, verdictOf } from './figure.ts';

const TOLERANCE = 0.1;

const cost = (before: readonly number[], now: readonly number[]): Figure => ({
  name: 'full verdict',
  unit: 'ms',
  better: 'less',
  ceiling: [],
  before,
  now,
});

const measure = (name: string, value: number, unit = 'us') => ({ name, value, unit });

describe('the ratio of a figure', () => {
  it('is that of each pair, so drift that hits both alike is not seen', () => {
    expect(ratioOf(cost([10, 20, 40, 80], [5, 10, 20, 40]))).toEqual({ median: 0.5, low: 0.5, high: 0.5 });
  });

  it('has a spread: all of a few rounds, and the middle ones of many', () => {
    expect(ratioOf(cost([10, 10, 10, 10, 10], [9, 10, 11, 11, 20]))).toEqual({ median: 1.1, low: 0.9, high: 2 });
    const many = Array.from({ length: 30 }, (_, n) => n + 1);
    expect(ratioOf(cost(Array(30).fill(1), many))).toEqual({ median: 16, low: 10, high: 21 });
  });

  it.each([
    ['no rounds', [], []],
    ['a round without its other half', [1, 2], [1]],
    ['a round that measured nothing', [1, 0], [1, 1]],
    ['a round that is no number', [1, 1], [1, Number.NaN]],
  ])('is refused for %s', (_, before, now) => {
    expect(() => ratioOf(cost(before, now))).toThrow(/nothing|rounds/);
  });
});

describe('the verdict on a figure', () => {
  it.each([
    ['the same for what did not change', [10, 10, 10], 'same'],
    ['the same within the tolerance', [10.9, 10.9, 10.9], 'same'],
    ['worse beyond it', [11.1, 11.1, 11.1], 'worse'],
    ['the same within the tolerance downwards', [9.2, 9.2, 9.2], 'same'],
    ['better beyond it', [9, 9, 9], 'better'],
    ['the same where the pairs do not agree', [9.9, 12, 12], 'same'],
    ['the same where they do not agree on better', [5, 5, 10.1], 'same'],
  ] as const)('is %s', (_, now, verdict) => {
    expect(verdictOf(cost([10, 10, 10], now), TOLERANCE)).toBe(verdict);
    const inverse = {
      ...cost(
        [1 / 10, 1 / 10, 1 / 10],
        now.map((value) => 1 / value),
      ),
      better: 'more',
    } as const;
    expect(verdictOf(inverse, TOLERANCE)).toBe(verdict);
  });
});

describe('pairing the measures of two benches', () => {
  it('goes by name and unit, round by round', () => {
    const before = [
      [measure('a', 1), measure('a', 7, 'MB')],
      [measure('a', 2), measure('a', 8, 'MB')],
    ];
    const now = [
      [measure('a', 9, 'MB'), measure('a', 3)],
      [measure('a', 9, 'MB'), measure('a', 4)],
    ];
    expect(pair(before, now)).toEqual({
      figures: [
        { name: 'a', unit: 'us', better: 'less', ceiling: [], before: [1, 2], now: [3, 4] },
        { name: 'a', unit: 'MB', better: 'less', ceiling: [], before: [7, 8], now: [9, 9] },
      ],
      unpaired: [],
    });
  });

  it('names what only one of them measures, or not in every round', () => {
    const before = [
      [measure('a', 1), measure('gone', 1)],
      [measure('a', 1), measure('gone', 1)],
    ];
    const now = [
      [measure('a', 1), measure('new', 1), measure('once', 1)],
      [measure('a', 1), measure('new', 1)],
    ];
    const { figures, unpaired } = pair(before, now);
    expect(figures.map(({ name }) => name)).toEqual(['a']);
    expect(unpaired).toEqual(['gone (us)', 'new (us)', 'once (us)']);
  });
});

describe('a comparison', () => {
  const slower = { name: 'latency', figures: [{ ...cost([10, 10, 10], [12, 12, 12]), ceiling: [2] }], unpaired: [] };
  const alike = { name: 'lint', figures: [cost([10, 10, 10], [10, 10, 10])], unpaired: [] };

  it('shows for each figure the ceiling, before, now, their ratio with its spread and the verdict', () => {
    expect(comparisonTable([slower, alike], TOLERANCE).split('\n').slice(2)).toEqual([
      '| latency: full verdict | ms, less is better | 2.00 | 10.0 | 12.0 | 1.20 (1.20 to 1.20) | worse |',
      '| lint: full verdict | ms, less is better |  | 10.0 | 10.0 | 1.00 (1.00 to 1.00) | same |',
    ]);
  });

  it('concludes with the counts, the tolerance and what is worse', () => {
    expect(conclusion([alike], TOLERANCE)).toBe('0 better, 1 same, 0 worse; within 10 % is the same');
    expect(conclusion([slower, alike], TOLERANCE)).toBe(
      '0 better, 1 same, 1 worse; within 10 % is the same; worse: latency, full verdict (ms)',
    );
    expect([isWorse([alike], TOLERANCE), isWorse([slower, alike], TOLERANCE)]).toEqual([false, true]);
  });
});
