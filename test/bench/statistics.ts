/** median returns the middle of some numbers. Throws on none: a measurement that saw nothing must not pass. */
export function median(numbers: readonly number[]): number {
  return quantile(numbers, 0.5);
}

/** quantile returns the number below which the share lies, by nearest rank. */
export function quantile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  if (value === undefined) throw new Error('nothing was measured');
  return value;
}

/** ratioOf is the median of the ratios of what was measured side by side, which noise of the machine moves least. */
export function ratioOf(numerators: readonly number[], denominators: readonly number[]): number {
  return median(numerators.map((numerator, i) => numerator / (denominators[i] ?? Number.NaN)));
}
