import { appendFileSync } from 'node:fs';
import { join } from 'node:path';

const FILE = join(import.meta.dirname, '../../e2e-figures.txt');

/** figure prints a measured value, and adds it to `e2e-figures.txt`: no test passes or fails by it. */
export function figure(what: string, value: string): void {
  const line = `${what}: ${value}\n`;
  process.stdout.write(line);
  appendFileSync(FILE, `${new Date().toISOString()} ${line}`);
}

/** quantiles writes the distribution of times in milliseconds. */
export function quantiles(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (part: number) =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN);
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, most ${at(1)} ms (${sorted.length})`;
}
