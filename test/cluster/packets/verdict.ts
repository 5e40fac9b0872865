import type { Result } from '../../harness/kubectl.ts';

/** Said is what netpol-guard said while kubectl applied: the rules that it names, each once. */
export interface Said {
  readonly refused: readonly string[];
  readonly warned: readonly string[];
}

/** saidIn reads kubectl's complaints: warnings have a line each, and the rest is why something was refused. */
export function saidIn({ stderr }: Pick<Result, 'stderr'>): Said {
  const lines = stderr.split('\n');
  const isWarning = (line: string) => line.startsWith('Warning: ');
  return {
    refused: rulesIn(lines.filter((line) => !isWarning(line))),
    warned: rulesIn(lines.filter(isWarning)),
  };
}

function rulesIn(lines: readonly string[]): readonly string[] {
  const ids = lines.flatMap((line) => [...line.matchAll(/\[([a-z]+(?:-[a-z]+)+)\]/g)].map(([, id = '']) => id));
  return [...new Set(ids)].toSorted();
}
