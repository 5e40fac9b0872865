import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import type { Result } from '../../harness/kubectl.ts';
import { until } from '../../harness/until.ts';
import { childOf } from '../node/process-identity.ts';

/** Enclosure is namespaces of our own for mounts, the network and processes. Nothing of it outlives this process. */
export interface Enclosure {
  /** Runs a program in there to its end. Throws where it fails. */
  run(argv: readonly string[], stdin?: string): Promise<string>;
  /** Starts a program in there, with pipes for its three streams. */
  spawn(argv: readonly string[]): ChildProcessWithoutNullStreams;
  /** Ends all that runs in there at once, and all that it has set up with it. */
  close(): Promise<void>;
}

/**
 * openEnclosure keeps the namespaces by one `cat`, the first process of its PID namespace: it ends when its input does,
 * which is when this process closes it or is gone, and then the kernel ends every other process in there.
 */
export async function openEnclosure(): Promise<Enclosure> {
  const namespaces = ['--mount', '--net', '--pid', '--fork', '--mount-proc'];
  const keeper = spawn('unshare', [...namespaces, 'cat'], { stdio: ['pipe', 'ignore', 'pipe'] });
  const complaint = text(keeper.stderr);
  const gone = new Promise<void>((resolve) => {
    keeper.once('error', () => resolve());
    keeper.once('close', () => resolve());
  });
  const pid = await until('namespaces of our own', () => {
    if (keeper.pid === undefined || keeper.exitCode !== null) return 'none';
    return childOf(keeper.pid);
  });
  if (pid === 'none') throw new Error(`unshare: ${(await complaint).trim()}; it takes root and util-linux`);
  const enter = ['--target', String(pid), '--mount', '--net', '--pid'];
  const start = (argv: readonly string[]) => spawn('nsenter', [...enter, ...argv], { stdio: ['pipe', 'pipe', 'pipe'] });
  return {
    spawn: start,
    run: async (argv, stdin = '') => {
      const { status, stdout, stderr } = await finish(start(argv), stdin);
      if (status !== 0) throw new Error(`${argv.join(' ')}: ended with status ${status}: ${stderr.trim()}`);
      return stdout;
    },
    close: async () => {
      keeper.stdin.end();
      await gone;
    },
  };
}

async function finish(child: ChildProcessWithoutNullStreams, input: string): Promise<Result> {
  const status = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  // A program may end before it has read what it does not need.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { status: await status, stdout, stderr };
}
