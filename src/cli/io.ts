import type { Clock } from '../runtime/clock.ts';

/** Io is the part of the process that a command may use: its streams, and what they reveal of the terminal. */
export interface Io {
  readonly out: (text: string | Uint8Array) => void;
  readonly err: (text: string) => void;
  /** All of standard input, as bytes. */
  readonly stdin: () => AsyncIterable<Uint8Array>;
  /** Whether standard output is a terminal that wants colours. */
  readonly colours: boolean;
  readonly clock: Clock;
}

/** ExitCode is the exit status of every command: clean, findings that would be denied, could not run. */
export type ExitCode = 0 | 1 | 2;

/** ProcessIo is the part of the process that serve may use: its streams, its environment, and signals to stop. */
export interface ProcessIo extends Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** onStop sets what to do on each SIGTERM or SIGINT. */
  readonly onStop: (stop: () => void) => void;
  /** onExit sets what to do last, even if a bug ends the process. */
  readonly onExit: (last: () => void) => void;
}
