import { readFileSync } from 'node:fs';

/** ProcessIdentity tells a process from a later one that was given the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks from the start of the machine to that of the process. */
  readonly started: string;
}

/** identify reads who has that process number now. Throws where nobody has. */
export function identify(pid: number): ProcessIdentity {
  const { started } = readStat(pid);
  return { pid, started };
}

/** isAlive holds while that process runs; one that has ended and only waits to be reaped does not. */
export function isAlive({ pid, started }: ProcessIdentity): boolean {
  try {
    const stat = readStat(pid);
    return stat.started === started && stat.state !== 'Z';
  } catch {
    return false;
  }
}

/** childOf reads the one child of a process, if it has one by now. */
export function childOf(pid: number): number | undefined {
  const found = /^\d+/.exec(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8'));
  return found === null ? undefined : Number(found[0]);
}

/** The fields of proc_pid_stat(5) behind the name, which may hold blanks and brackets itself. */
function readStat(pid: number): { readonly state: string; readonly started: string } {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', started: fields[19] ?? '' };
}
