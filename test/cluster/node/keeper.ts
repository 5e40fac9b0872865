/**
 * Keeps a node from outside: makes its namespaces, groups and the link to it, waits for its end, and takes them away again.
 * It outlives whoever started it only if it was told to; then SIGTERM ends it.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../../e2e/harness/until.ts';
import { delegateControllers, makeCgroups, ownCgroups, removeCgroups } from './cgroups.ts';
import type { Instance } from './instance.ts';
import { writeKeeping } from './keeping.ts';
import { childOf, identify } from './process-identity.ts';

const instance: Instance = JSON.parse(process.argv[2] ?? '');
const { folder, link } = instance;
let isDetached = false;
let isAbandoned = false;
const asked = new Promise<void>((resolve) => {
  process.on('SIGTERM', () => resolve());
  process.on('message', (message) => {
    if (message === 'detach') isDetached = true;
  });
  process.on('disconnect', () => {
    isAbandoned = !isDetached;
    if (isAbandoned) resolve();
  });
});

const cgroups = ownCgroups(link);
const keeper = identify(process.pid);
writeKeeping(folder, { keeper, cgroups });
makeCgroups(cgroups);
const log = openSync(join(folder, 'logs', 'node.log'), 'a');
// The first shell joins the groups before the namespaces are made. The second is PID 1 of the node: it reaps what others
// leave behind, and ends with the supervisor.
const join_ = 'while [ "$1" != -- ]; do echo 0 > "$1/cgroup.procs"; shift; done; shift; exec "$@"';
const namespaces = ['unshare', '--mount', '--net', '--pid', '--cgroup', '--ipc', '--uts', '--fork', '--mount-proc'];
const init = ['sh', '-c', '"$@" & wait $!', 'init'];
const supervisor = [process.execPath, join(import.meta.dirname, 'supervisor.ts'), folder, JSON.stringify(cgroups)];
const groups = cgroups.map((cgroup) => cgroup.folder);
const node = spawn(
  'sh',
  ['-c', join_, 'join', ...groups, '--', ...namespaces, '--kill-child', ...init, ...supervisor],
  {
    stdio: ['ignore', log, log, 'ipc'],
    env: { PATH: process.env['PATH'] },
  },
);
const ended = once(node, 'exit');

const isUp = await Promise.race([
  once(node, 'message').then(() => true),
  ended.then(() => false),
  asked.then(() => false),
]);
try {
  if (isUp) await linkUp();
  else if (!isAbandoned)
    process.send?.({ fault: `the node's namespaces did not come up; see ${folder}/logs/node.log` });
  await Promise.race([asked, ended]);
} finally {
  const pid = node.exitCode === null && node.pid !== undefined ? childOf(node.pid) : undefined;
  if (pid === undefined) node.kill('SIGKILL');
  else process.kill(pid, 'SIGKILL');
  await ended;
  await until('the groups of the node to empty', () => removeCgroups(cgroups) || undefined);
  if (isAbandoned) rmSync(folder, { recursive: true, force: true });
}

async function linkUp(): Promise<void> {
  const pid = await until('PID 1 of the node', () => childOf(node.pid ?? 0));
  delegateControllers(cgroups);
  ip('link', 'add', link, 'type', 'veth', 'peer', 'name', 'node0', 'netns', String(pid));
  ip('address', 'add', `${instance.hostAddress}/24`, 'dev', link);
  ip('link', 'set', link, 'up');
  writeKeeping(folder, { keeper, cgroups, init: identify(pid) });
  process.send?.({ init: pid });
}

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: 'inherit' });
}
