import type { Clock } from '../runtime/clock.ts';

/** Io is what a command may touch of the process: its streams, and nothing of the terminal but what they say. */
export interface Io {
  readonly out: (text: string | Uint8Array) => void;
  readonly err: (text: string) => void;
  /** All of standard input, as bytes. */
  readonly stdin: () => AsyncIterable<Uint8Array>;
  /** Holds where standard output is a terminal that wants colours. */
  readonly colours: boolean;
  readonly clock: Clock;
}

/** ExitCode is the exit status of every command: clean, findings that would be denied, could not run. */
export type ExitCode = 0 | 1 | 2;

/** ProcessIo is what serve may touch of the process: its streams, its environment, and the wish to stop it. */
export interface ProcessIo extends Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** onStop says what to do each time that SIGTERM or SIGINT comes. */
  readonly onStop: (stop: () => void) => void;
  /** onExit says what to do last, also where a bug ends the process. */
  readonly onExit: (last: () => void) => void;
}
