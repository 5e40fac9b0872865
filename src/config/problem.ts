import { type FieldPath, printPath } from '../objects/field-path.ts';
import { show } from '../objects/problem.ts';

/** ConfigurationProblem is one problem of a configuration. */
export interface ConfigurationProblem {
  /** Where: `dns.servers[0].ports`; empty for the whole file. */
  readonly path: string;
  /** What is wrong, with its value, and what to write instead. */
  readonly message: string;
  /** Counted from 1; absent if the problem has no place in the text. */
  readonly line?: number | undefined;
  readonly column?: number | undefined;
}

/** Fault is a problem whose place in the text is not looked up yet. */
export interface Fault extends ConfigurationProblem {
  readonly segments: FieldPath;
}

/** faultAt is a fault of the value at the segments. */
export function faultAt(segments: FieldPath, message: string): Fault {
  return { segments, path: pathOf(segments), message };
}

/** How many problems are printed; a file of nothing but faults is not worth reading further. */
const SHOWN = 50;

/** ConfigurationError lists every problem of one configuration, a line for each. */
export class ConfigurationError extends Error {
  readonly source: string;
  readonly problems: readonly ConfigurationProblem[];

  /** `source` is the file's name, as messages show it. */
  constructor(source: string, problems: readonly ConfigurationProblem[]) {
    const lines = problems.slice(0, SHOWN).map((problem) => problemLine(source, problem));
    if (problems.length > SHOWN) lines.push(`${source}: ${problems.length - SHOWN} more`);
    super(lines.join('\n'));
    this.name = 'ConfigurationError';
    this.source = source;
    this.problems = problems;
  }
}

/** problemLine writes a problem as one line: `guard.yaml:3:3: dns.severs: unknown key`. */
export function problemLine(source: string, { path, message, line, column }: ConfigurationProblem): string {
  const place = line === undefined ? source : `${source}:${line}:${column ?? 1}`;
  return [place, ...(path === '' ? [] : [path]), message].join(': ');
}

/** pathOf writes a path as messages do, `exemptions.entries[0].rules`, with keys that may hold anything quoted and cut. */
export function pathOf(path: FieldPath): string {
  return printPath(path.map((step) => (typeof step === 'number' || /^[\w-]{1,63}$/.test(step) ? step : show(step))));
}
