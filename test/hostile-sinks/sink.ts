import { UNSEEN } from '../../src/objects/plain-text.ts';
import { obeyed } from '../unit/cli/runner.ts';

/** Sink is a way by which a text that a stranger wrote can leave the process. */
export interface Sink {
  readonly name: string;
  /** The files below src/ that write to it, first the one that makes the text fit for it. */
  readonly files: readonly string[];
  /** send returns what comes out where the text stands in every place that a stranger can fill. */
  readonly send: (text: string) => string | Promise<string>;
  /**
   * Where programs read it: what they read. They get every value as it was, in bytes that a terminal can show. Absent
   * where people read it, who get no character of the class at all.
   */
  readonly parse?: (output: string) => unknown;
  /** Holds where no text of a stranger may get there, however harmless it is. */
  readonly isSilent?: boolean;
}

/** faultsOf returns what is wrong with the output of a sink to which a text was sent. */
export function faultsOf({ parse, isSilent = false }: Sink, output: string, text: string): readonly string[] {
  // Line breaks and tabs are ours to set, and what a stranger makes of them `obeyed` would tell.
  const unseen = new Set(output.match(UNSEEN)?.filter((char) => char !== '\n' && char !== '\t'));
  return [
    ...[...unseen].map((char) => `U+${char.codePointAt(0)?.toString(16)} comes out`),
    ...obeyed(output).map((line) => `a runner obeys ${JSON.stringify(line)}`),
    ...(isSilent && output.includes(text) ? ['the text comes out'] : []),
    ...(parse !== undefined && !textsIn(parse(output)).some((found) => found.includes(text))
      ? ['the text is lost']
      : []),
  ];
}

/** textsIn returns every key and every string of a value. */
export function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => [key, ...textsIn(item)]);
}
