import { cpus, release, totalmem } from 'node:os';
import { HOW_PINNED } from './process.ts';

/** Measure is one line of the report: what was measured, and the goal where there is one. */
export interface Measure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly goal?: { readonly at: 'least' | 'most'; readonly bound: number };
}

/** Section is one part of the benchmark. */
export interface Section {
  readonly name: string;
  readonly measures: readonly Measure[];
  /** How it was measured, in a sentence. */
  readonly how: string;
}

/** machine tells on what the numbers were taken: they mean nothing elsewhere. */
export function machine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  const memory = Math.round(totalmem() / 1024 ** 3);
  return `${cpus().length} x ${model}, ${memory} GB, Linux ${release()}, Node ${process.versions.node}; ${HOW_PINNED}`;
}

export function isMet({ value, goal }: Measure): boolean | undefined {
  if (goal === undefined) return undefined;
  return goal.at === 'least' ? value >= goal.bound : value <= goal.bound;
}

/** table renders sections as Markdown, for docs/performance.md. */
export function table(sections: readonly Section[]): string {
  const lines = ['| measure | median | goal | met |', '|---|---|---|---|'];
  for (const { measures } of sections) {
    for (const measure of measures) {
      const { name, value, unit, goal } = measure;
      const wanted = goal === undefined ? '' : `${goal.at === 'least' ? '>=' : '<='} ${goal.bound}`;
      const met = isMet(measure);
      lines.push(`| ${name} | ${short(value)} ${unit} | ${wanted} | ${met === undefined ? '' : met ? 'yes' : 'no'} |`);
    }
  }
  return lines.join('\n');
}

/** short is a value with as many digits as mean something. */
export function short(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);
}
