/**
 * Keeps a node from outside: makes its namespaces, groups and the link to it, waits for its end, and takes them away again.
 * It outlives whoever started it only if it was told to, and then ends with the owner of the cluster, if there is one, or
 * by SIGTERM.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../../harness/until.ts';
import { delegateControllers, makeCgroups, ownCgroups, removeCgroups } from './cgroups.ts';
import type { Instance } from './instance.ts';
import { readOwner, writeKeeping } from './keeping.ts';
import { childOf, identify, isAlive } from './process-identity.ts';

/** Emptying a network namespace with a hundred pods in it takes the kernel some seconds. */
const TIMEOUT_MS = 60_000;
const OWNER_MS = 1_000;

const instance: Instance = JSON.parse(process.argv[2] ?? '');
const { folder, link } = instance;
let isDetached = false;
let isAbandoned = false;
const asked = new Promise<void>((resolve) => {
  process.on('SIGTERM', () => resolve());
  const abandon = () => {
    isAbandoned = true;
    resolve();
  };
  process.on('message', (message) => {
    if (message !== 'detach') return;
    isDetached = true;
    const owner = readOwner(folder);
    if (owner !== undefined) setInterval(() => isAlive(owner) || abandon(), OWNER_MS);
  });
  process.on('disconnect', () => isDetached || abandon());
  if (!process.connected) abandon();
});

const keeper = identify(process.pid);
writeKeeping(folder, { keeper });
const cgroups = ownCgroups(link);
const groups = cgroups.map((cgroup) => cgroup.folder);
makeCgroups(cgroups);
const log = openSync(join(folder, 'logs', 'node.log'), 'a');
const node = spawn('sh', commandLine(), {
  stdio: ['ignore', log, log, 'ipc'],
  env: { PATH: process.env['PATH'] },
});
const ended = once(node, 'exit');
try {
  const isUp = await Promise.race([
    once(node, 'message').then(() => true),
    ended.then(() => false),
    asked.then(() => false),
  ]);
  if (isUp) await linkUp();
  await Promise.race([asked, ended]);
} finally {
  const pid = node.exitCode === null && node.pid !== undefined ? childOf(node.pid) : undefined;
  if (pid === undefined) node.kill('SIGKILL');
  else process.kill(pid, 'SIGKILL');
  await ended;
  await until('the groups of the node to empty', () => removeCgroups(groups) || undefined, TIMEOUT_MS);
  if (isAbandoned) rmSync(folder, { recursive: true, force: true });
  process.exit();
}

/**
 * A first shell joins the groups, before there is a namespace that takes them for its root. A second is PID 1 of the node:
 * it reaps what others leave behind, and ends with the supervisor.
 */
function commandLine(): string[] {
  const joining = 'while [ "$1" != -- ]; do echo 0 > "$1/cgroup.procs"; shift; done; shift; exec "$@"';
  const kinds = ['--mount', '--net', '--pid', '--cgroup', '--ipc', '--uts'];
  const init = ['sh', '-c', '"$@" & wait $!', 'init'];
  const supervisor = [process.execPath, join(import.meta.dirname, 'supervisor.ts'), folder, JSON.stringify(cgroups)];
  const unshare = ['unshare', ...kinds, '--fork', '--mount-proc', '--kill-child'];
  return ['-c', joining, 'join', ...groups, '--', ...unshare, ...init, ...supervisor];
}

async function linkUp(): Promise<void> {
  const pid = await until('PID 1 of the node', () => childOf(node.pid ?? 0));
  delegateControllers(cgroups);
  ip('link', 'add', link, 'type', 'veth', 'peer', 'name', 'node0', 'netns', String(pid));
  ip('address', 'add', `${instance.hostAddress}/24`, 'dev', link);
  ip('link', 'set', link, 'up');
  writeKeeping(folder, { keeper, init: identify(pid) });
  process.send?.({ init: pid });
}

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: 'inherit' });
}
