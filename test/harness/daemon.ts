import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';

/** Daemon is a process that runs until it is stopped; it is ended by its own pid, never by name. */
export interface Daemon {
  readonly pid: number;
  /** Everything that it has written, both streams. */
  output(): string;
  /** Exit status, `undefined` while it runs. */
  exitCode(): number | undefined;
  /** Sends the signal (SIGTERM), and SIGKILL after ten seconds; returns once it is gone. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  signal(signal: NodeJS.Signals): void;
}

/** startDaemon starts a program with its output in a file, so that a chatty process can never block on a pipe. */
export function startDaemon(
  program: string,
  args: readonly string[],
  logFile: string,
  env: NodeJS.ProcessEnv = process.env,
): Daemon {
  const log = openSync(logFile, 'a');
  const child = spawn(program, args, { stdio: ['ignore', log, log], env });
  closeSync(log);
  if (child.pid === undefined) throw new Error(`${program}: could not be started; see ${logFile}`);
  running.add(child);
  const gone = once(child, 'exit').then(() => running.delete(child));
  return {
    pid: child.pid,
    output: () => readFileSync(logFile, 'utf8'),
    exitCode: () => child.exitCode ?? (child.signalCode === null ? undefined : 128),
    signal: (signal) => child.kill(signal),
    stop: async (signal = 'SIGTERM') => {
      child.kill(signal);
      const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await gone;
      clearTimeout(late);
    },
  };
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** freePort asks the kernel for a TCP port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port in the address of a TCP server');
  return address.port;
}
