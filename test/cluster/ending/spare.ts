import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { findCgroups, listMembers } from '../node/cgroups.ts';
import { chooseInstance, INSTANCE_VARIABLE, type Instance } from '../node/instance.ts';
import { readKeeping } from '../node/keeping.ts';
import { identify, type ProcessIdentity } from '../node/process-identity.ts';

/** SPARE is an instance to start and end; not the one that the other tests have. */
export const SPARE: Instance = chooseInstance(
  ['--instance', String((chooseInstance([], process.env).number + 5) % 10)],
  process.env,
);
const option = ['--instance', String(SPARE.number)];

/** survey lists what is to be seen of clusters on this machine, other instances aside. */
export function survey() {
  const others = /netpol-guard\d/;
  const words = (file: string) => readFileSync(file, 'utf8').split('\n');
  const list = (folder: string) => (existsSync(folder) ? readdirSync(folder) : []);
  return {
    links: list('/sys/class/net').filter((link) => link === SPARE.link || !others.test(link)),
    mounts: words('/proc/self/mounts').filter(
      (mount) => mount.includes(SPARE.folder) || /containerd|kubelet|netns/.test(mount),
    ),
    routes: words('/proc/net/route').filter((route) => route.startsWith(SPARE.link)),
    cgroups: findCgroups(SPARE.link),
    firewall: ['iptables-save', 'ip6tables-save'].map((program) =>
      execFileSync(program, { encoding: 'utf8' }).replaceAll(/^#.*\n/gm, ''),
    ),
    nftables: execFileSync('nft', ['list', 'tables'], { encoding: 'utf8' }),
    folders: [
      '/run/netns',
      '/run/containerd',
      '/run/xtables.lock',
      '/var/lib/containerd',
      '/var/lib/kubelet',
      '/var/lib/cni',
      '/var/lib/etcd',
      '/var/log/pods',
      '/var/log/containers',
      '/etc/cni',
      '/etc/containerd',
      '/opt/cni',
      '/opt/containerd',
      SPARE.folder,
    ].filter((path) => existsSync(path)),
  };
}

/** inhabitants are all processes of the spare cluster, and last its keeper. */
export function inhabitants(): readonly ProcessIdentity[] {
  const keeper = readKeeping(SPARE.folder)?.keeper;
  const members = listMembers(findCgroups(SPARE.link)).flatMap((pid) => {
    try {
      return [identify(pid)];
    } catch {
      return [];
    }
  });
  return keeper === undefined ? members : [...members, keeper];
}

/** launch starts a script of the cluster's for the spare SPARE. */
export function launch(script: 'start.ts' | 'down.ts', env: NodeJS.ProcessEnv = {}) {
  return spawn(process.execPath, [join(import.meta.dirname, '..', script), ...option], {
    env: { ...process.env, ...env },
  });
}

/** evaluate runs a script whose `openCluster` is of the spare SPARE. */
export function evaluate(script: string) {
  const env = { ...process.env, [INSTANCE_VARIABLE]: String(SPARE.number) };
  return spawn(process.execPath, ['--input-type=module', '--eval', script], { env });
}

/** run runs a script of the cluster's to its end. */
export async function run(script: 'start.ts' | 'down.ts', env?: NodeJS.ProcessEnv) {
  const child = launch(script, env);
  const ended = once(child, 'exit');
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { status: (await ended)[0], stdout, stderr };
}

/** untilSaid returns once a program has printed a line with these words. */
export async function untilSaid({ stdout }: ReturnType<typeof launch>, words: string): Promise<void> {
  const lines = createInterface({ input: stdout });
  for await (const line of lines) if (line.includes(words)) return;
  throw new Error(`it never said ${words}`);
}
