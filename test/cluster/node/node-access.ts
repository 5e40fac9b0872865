import { type ChildProcess, spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import type { Result } from '../../harness/kubectl.ts';
import type { Instance } from './instance.ts';
import { readKeeping } from './keeping.ts';
import { OUTSIDE_NAMESPACE } from './parts.ts';
import { isAlive } from './process-identity.ts';

/** Place is where a program runs: on the node, or out on the Internet. */
export type Place = 'node' | 'outside';

/** spawnIn starts a program in a place, with pipes for its streams. The kernel ends it together with the node. */
export function spawnIn({ folder, number }: Instance, place: Place, argv: readonly string[]): ChildProcess {
  const init = readKeeping(folder)?.init;
  if (init === undefined || !isAlive(init)) throw new Error(`cluster ${number} does not run`);
  const enter = ['--target', String(init.pid), '--mount', '--net', '--pid', '--ipc', '--uts', '--cgroup', '--'];
  const further = place === 'outside' ? ['nsenter', `--net=${OUTSIDE_NAMESPACE}`, '--'] : [];
  return spawn('nsenter', [...enter, ...further, ...argv], { stdio: 'pipe' });
}

/** runIn runs a program in a place to its end. */
export async function runIn(instance: Instance, place: Place, argv: readonly string[], stdin = ''): Promise<Result> {
  const child = spawnIn(instance, place, argv);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  child.stdin?.on('error', () => undefined).end(stdin);
  const read = (stream: ChildProcess['stdout']) => (stream === null ? '' : text(stream));
  const [stdout, stderr] = await Promise.all([read(child.stdout), read(child.stderr)]);
  return { status: await ended, stdout, stderr };
}

/** demandIn runs a program in a place, and throws where it fails. */
export async function demandIn(instance: Instance, place: Place, argv: readonly string[], stdin = ''): Promise<string> {
  const { status, stdout, stderr } = await runIn(instance, place, argv, stdin);
  if (status !== 0) throw new Error(`${argv.join(' ')} ended with status ${status}:\n${stdout}${stderr}`);
  return stdout;
}
