import type { Measure } from '../report.ts';
import { median } from '../statistics.ts';

/** Figure is one thing that was measured of two builds by turns: the nth of each list were measured side by side. */
export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly better: 'less' | 'more';
  /** What a program that does next to nothing comes to; empty where there is no such program. */
  readonly ceiling: readonly number[];
  readonly before: readonly number[];
  readonly now: readonly number[];
}

/** Verdict is what a figure says about the build of now. */
export type Verdict = 'better' | 'same' | 'worse';

/** Ratio is now against before, of each pair: the median, and the interval in which the true one lies, 19 times of 20. */
export interface Ratio {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** ratioOf returns now against before. Throws where there are no pairs, or a round lacks its other half. */
export function ratioOf({ name, before, now }: Figure): Ratio {
  if (before.length !== now.length) throw new Error(`${name}: ${before.length} rounds before and ${now.length} now`);
  const ratios = now.map((value, round) => value / (before[round] ?? Number.NaN));
  if (!ratios.every((ratio) => ratio > 0 && ratio < Infinity)) throw new Error(`${name}: a round measured nothing`);
  return { median: median(ratios), ...interval(ratios) };
}

/**
 * interval returns the 95 % confidence interval of a median by order statistics, which takes nothing for granted of how the
 * values are distributed. Of fewer than six it is all of them, and of five that still means 94 %.
 */
function interval(values: readonly number[]): { readonly low: number; readonly high: number } {
  const sorted = values.toSorted((a, b) => a - b);
  const left = Math.max(0, Math.floor(sorted.length / 2 - 0.98 * Math.sqrt(sorted.length)));
  return { low: sorted[left] ?? Number.NaN, high: sorted.at(-1 - left) ?? Number.NaN };
}

/**
 * verdictOf judges a figure. It is better or worse where the ratio's median lies beyond the tolerance (0.1 is a tenth)
 * and its interval leaves out 1, so a noisy round decides nothing.
 */
export function verdictOf(figure: Figure, tolerance: number): Verdict {
  const { median, low, high } = ratioOf(figure);
  const grew = median > 1 + tolerance && low > 1;
  const shrank = median < 1 / (1 + tolerance) && high < 1;
  if (!grew && !shrank) return 'same';
  return grew === (figure.better === 'more') ? 'better' : 'worse';
}

/** Pairing is what two builds' own benches have in common, and the names of what only one of them measures. */
export interface Pairing {
  readonly figures: readonly Figure[];
  readonly unpaired: readonly string[];
}

/** pair makes figures of costs (less is better) from rounds of measures, by name and unit. The nth rounds belong together. */
export function pair(before: readonly (readonly Measure[])[], now: readonly (readonly Measure[])[]): Pairing {
  const [ofBefore, ofNow] = [byKey(before), byKey(now)];
  const keys = [...new Set([...ofBefore.keys(), ...ofNow.keys()])];
  const isPaired = (key: string) => [ofBefore, ofNow].every((all) => all.get(key)?.values.length === before.length);
  const figures = keys.filter(isPaired).flatMap((key): Figure[] => {
    const [one, other] = [ofBefore.get(key), ofNow.get(key)];
    if (one === undefined || other === undefined) return [];
    const { name, unit } = other;
    return [{ name, unit, better: 'less', ceiling: [], before: one.values, now: other.values }];
  });
  return { figures, unpaired: keys.filter((key) => !isPaired(key)) };
}

interface Series {
  readonly name: string;
  readonly unit: string;
  readonly values: number[];
}

function byKey(rounds: readonly (readonly Measure[])[]): ReadonlyMap<string, Series> {
  const all = new Map<string, Series>();
  for (const { name, unit, value } of rounds.flat()) {
    const key = `${name} (${unit})`;
    const series = all.get(key) ?? { name, unit, values: [] };
    series.values.push(value);
    all.set(key, series);
  }
  return all;
}
