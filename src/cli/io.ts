/** Io is what a command may touch of the process: its streams, and nothing of the terminal but what they say. */
export interface Io {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** All of standard input, as bytes. */
  readonly stdin: () => AsyncIterable<Uint8Array>;
  /** Holds where standard output is a terminal that wants colours. */
  readonly colours: boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** ExitCode is the exit status of every command: clean, findings that would be denied, could not run. */
export type ExitCode = 0 | 1 | 2;
