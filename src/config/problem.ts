import { show } from '../objects/problem.ts';

/** Segments lead from the root of the configuration to a value: keys and indexes. */
export type Segments = readonly (string | number)[];

/** Problem is one thing that is wrong with a configuration. */
export interface Problem {
  /** Where: `dns.servers[0].ports`; empty for the whole file. */
  readonly path: string;
  /** What is wrong, with its value, and what to write instead. */
  readonly message: string;
  /** Counted from 1; absent where the problem has no place in the text. */
  readonly line?: number;
  readonly column?: number;
}

/** How many problems are printed; a file of nothing but faults is not worth reading further. */
const SHOWN = 50;

/** ConfigurationError lists every problem of one configuration, a line for each. */
export class ConfigurationError extends Error {
  readonly source: string;
  readonly problems: readonly Problem[];

  /** `source` is the file's name, as messages show it. */
  constructor(source: string, problems: readonly Problem[]) {
    const lines = problems.slice(0, SHOWN).map((problem) => lineOf(source, problem));
    if (problems.length > SHOWN) lines.push(`${source}: ${problems.length - SHOWN} more`);
    super(lines.join('\n'));
    this.name = 'ConfigurationError';
    this.source = source;
    this.problems = problems;
  }
}

function lineOf(source: string, { path, message, line, column }: Problem): string {
  const place = line === undefined ? source : `${source}:${line}:${column ?? 1}`;
  return [place, ...(path === '' ? [] : [path]), message].join(': ');
}

/** pathOf writes segments as messages do: `exemptions.entries[0].rules`. */
export function pathOf(segments: Segments): string {
  let path = '';
  for (const segment of segments) {
    if (typeof segment === 'number') path += `[${segment}]`;
    else if (!/^[\w-]{1,63}$/.test(segment)) path += `[${show(segment)}]`;
    else path += path === '' ? segment : `.${segment}`;
  }
  return path;
}

/** segmentsOf reads a field path of the engine, such as `spec.egress[0].to[1]`. A key with dots stands in brackets. */
export function segmentsOf(path: string): Segments {
  const parts = path.matchAll(/\[([^\]]*)\]|([^.[\]]+)/g);
  return [...parts].map(([, bracketed, plain]) =>
    bracketed === undefined ? (plain ?? '') : /^\d+$/.test(bracketed) ? Number(bracketed) : bracketed,
  );
}
