import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';

/** CPU time is counted in ticks of a hundredth of a second (USER_HZ, fixed on Linux). */
const TICK_MICROSECONDS = 10_000;

/** What was started and has not ended: it ends with this process. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

const canPin = availableParallelism() > 1 && succeeds('taskset', ['-V']);

/** HOW_PINNED is for the report. */
export const HOW_PINNED = canPin ? 'server on core 0, load on core 1' : 'not pinned to cores';

/** succeeds says whether a program is there and ends well. */
export function succeeds(program: string, args: readonly string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** pinned is the command line that runs a program on one core. */
export function pinned(core: 'server' | 'load', command: readonly string[]): readonly [string, ...string[]] {
  const [program = '', ...args] = command;
  return canPin ? ['taskset', '-c', core === 'server' ? '0' : '1', program, ...args] : [program, ...args];
}

/** runToEnd executes a program to its end. Throws, with what it wrote, where its status is not 0. */
export async function runToEnd(
  program: string,
  args: readonly string[],
  options: { cwd?: string } = {},
): Promise<void> {
  const ended = promisify(execFile)(program, args, { ...options, maxBuffer: 64 * 1024 ** 2 });
  endsWithUs(ended.child);
  await ended;
}

function endsWithUs(child: ChildProcess): void {
  running.add(child);
  child.once('exit', () => running.delete(child));
}

/** Server is a process that answers on HTTPS. */
export interface Server {
  readonly url: string;
  /** Where `/readyz` is; empty for the servers that ours is compared with. */
  readonly healthUrl: string;
  /** Where `/metrics` is; empty as well. */
  readonly metricsUrl: string;
  readonly pid: number;
  /** Microseconds of CPU used so far, user and system. */
  cpu(): number;
  /** Resident memory, in bytes. */
  rss(): number;
  stop(): Promise<void>;
}

/** startServer runs a Node program on the server's core and returns once it says where it listens. */
export async function startServer(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<Server> {
  const [program, ...rest] = pinned('server', [process.execPath, ...args]);
  const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'ignore'], env });
  endsWithUs(child);
  const addresses = await announced(child, args);
  const { pid = 0 } = child;
  return {
    ...addresses,
    pid,
    cpu: () => {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
      return (Number(fields[11]) + Number(fields[12])) * TICK_MICROSECONDS;
    },
    rss: () => Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

/** Addresses are where a program says that it listens. */
interface Addresses {
  readonly url: string;
  /** Empty where there is no such port. */
  readonly healthUrl: string;
  readonly metricsUrl: string;
}

async function announced(child: ChildProcess, args: readonly string[]): Promise<Addresses> {
  if (child.stdout === null) throw new Error('the server has no stdout');
  let output = '';
  for await (const chunk of child.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    output += String(chunk);
    const url = /^listening on (https:\S+)\n/m.exec(output)?.[1];
    const healthUrl = /^health on (http:\S+)\n/m.exec(output)?.[1];
    const metricsUrl = /^metrics on (http:\S+)\n/m.exec(output)?.[1];
    if (url === undefined || (args.includes('serve') && metricsUrl === undefined)) continue;
    child.stdout.resume();
    return { url, healthUrl: healthUrl ?? '', metricsUrl: metricsUrl ?? '' };
  }
  throw new Error(`${args.join(' ')} ended before it listened`);
}
