import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { until } from '../e2e/harness/until.ts';
import { findCgroups, listMembers } from './node/cgroups.ts';
import { chooseInstance, INSTANCE_VARIABLE, type Instance } from './node/instance.ts';
import { readKeeping } from './node/keeping.ts';
import { identify, isAlive, type ProcessIdentity } from './node/process-identity.ts';

// Not the one that the other tests have.
const instance: Instance = chooseInstance(
  ['--instance', String((chooseInstance([], process.env).number + 5) % 10)],
  process.env,
);
const option = ['--instance', String(instance.number)];

afterEach(async () => {
  await run('down.ts');
});

describe('what a cluster leaves on the machine', () => {
  it('is nothing after it was ended, and it is started and ended once', async () => {
    const before = survey();
    expect(await run('start.ts')).toMatchObject({ status: 0 });
    expect(survey()).not.toEqual(before);
    const living = inhabitants();
    expect(living.length).toBeGreaterThan(15);
    expect(await run('start.ts')).toMatchObject({ status: 2, stderr: expect.stringContaining('runs already') });

    expect(await run('down.ts')).toMatchObject({ status: 0, stdout: expect.stringContaining('is gone') });
    expect(living.filter(isAlive)).toEqual([]);
    expect(survey()).toEqual(before);
    expect(await run('down.ts')).toMatchObject({ status: 0, stdout: expect.stringContaining('nothing to do') });
  });

  it.each([
    ['killed', 'SIGKILL', null],
    ['interrupted', 'SIGINT', 130],
  ] as const)('is nothing after the starter was %s on its way', async (_, signal, status) => {
    const before = survey();
    const starter = launch('start.ts');
    await untilSaid(starter, 'images are imported');
    const living = inhabitants();
    expect(living.length).toBeGreaterThan(5);
    const ended = once(starter, 'exit');
    starter.kill(signal);
    expect((await ended)[0]).toBe(status);
    // A starter that can, returns when it is all over. Of one that was killed, the keeper takes over.
    const keeper = living.at(-1);
    if (status === null) {
      await until('the keeper to have cleared all away', () => (keeper && !isAlive(keeper)) || undefined, 60_000);
    }
    expect(living.filter(isAlive)).toEqual([]);
    expect(survey()).toEqual(before);
  });

  // Another start each, for what few will meet.
  if (inject('form') === 'short') return;

  it('is nothing after a test run was killed, though its cluster was stopped and started by another process', async () => {
    const before = survey();
    const script = `import { openCluster } from '${new URL('cluster.ts', import.meta.url).href}';
      const cluster = await openCluster();
      console.log('open');
      setInterval(() => undefined, 60_000);`;
    const owner = evaluate(script);
    await untilSaid(owner, 'open');
    const other = evaluate(
      script.replace('setInterval(', 'await cluster.stop(); await cluster.start(); process.exit(0, '),
    );
    expect((await once(other, 'exit'))[0]).toBe(0);
    const living = inhabitants();
    expect(living.length).toBeGreaterThan(15);
    owner.kill('SIGKILL');
    await until('everything of it to end', () => living.every((one) => !isAlive(one)) || undefined, 60_000);
    expect(survey()).toEqual(before);
  });

  it('is named where its keeper was killed, and cleared away on request', async () => {
    const before = survey();
    expect(await run('start.ts')).toMatchObject({ status: 0 });
    const living = inhabitants();
    const keeper = readKeeping(instance.folder)?.keeper;
    process.kill(keeper?.pid ?? Number.NaN, 'SIGKILL');
    await until('everything in the node to end', () => living.every((one) => !isAlive(one)) || undefined);

    expect(await run('start.ts')).toMatchObject({ status: 2, stderr: expect.stringContaining('is half-dead') });
    expect(await run('down.ts')).toMatchObject({ status: 0 });
    expect(survey()).toEqual(before);
  });

  it('is cleared away even where its folder was removed under it', async () => {
    const before = survey();
    expect(await run('start.ts')).toMatchObject({ status: 0 });
    const living = inhabitants();
    rmSync(instance.folder, { recursive: true, force: true });
    expect(await run('start.ts')).toMatchObject({ status: 2, stderr: expect.stringContaining('without its cluster') });
    expect(await run('down.ts')).toMatchObject({ status: 0 });
    await until('everything of it to end', () => living.every((one) => !isAlive(one)) || undefined);
    expect(survey()).toEqual(before);
  });
});

describe('a start that cannot succeed', () => {
  it('says so where there is no Go', async () => {
    const path = mkdtempSync(join(tmpdir(), 'netpol-guard-path-'));
    for (const folder of ['/bin', '/usr/bin', '/sbin', '/usr/sbin']) {
      for (const name of readdirSync(folder).filter((name) => name !== 'go')) {
        if (!existsSync(join(path, name))) symlinkSync(join(folder, name), join(path, name));
      }
    }
    const { status, stderr } = await run('start.ts', { PATH: path });
    rmSync(path, { recursive: true });
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: 'Go is not on the PATH; install Go 1.26 or later\n',
    });
    expect(existsSync(instance.folder)).toBe(false);
  });

  it('names all that is not installed, where nothing can install it', async () => {
    const { status, stderr } = await run('start.ts', { PATH: '/nowhere' });
    expect(status).toBe(2);
    expect(stderr).toContain('apt-get install util-linux mount iproute2 iptables ipset nftables conntrack openssl gcc');
  });
});

/** What is to be seen of clusters on this machine, other instances aside. */
function survey() {
  const others = /netpol-guard\d/;
  const words = (file: string) => readFileSync(file, 'utf8').split('\n');
  const list = (folder: string) => (existsSync(folder) ? readdirSync(folder) : []);
  return {
    links: list('/sys/class/net').filter((link) => link === instance.link || !others.test(link)),
    mounts: words('/proc/self/mounts').filter(
      (mount) => mount.includes(instance.folder) || /containerd|kubelet|netns/.test(mount),
    ),
    routes: words('/proc/net/route').filter((route) => route.startsWith(instance.link)),
    cgroups: findCgroups(instance.link),
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
      instance.folder,
    ].filter((path) => existsSync(path)),
  };
}

/** All processes of the cluster, and last its keeper. */
function inhabitants(): readonly ProcessIdentity[] {
  const keeper = readKeeping(instance.folder)?.keeper;
  const members = listMembers(findCgroups(instance.link)).flatMap((pid) => {
    try {
      return [identify(pid)];
    } catch {
      return [];
    }
  });
  return keeper === undefined ? members : [...members, keeper];
}

function launch(script: 'start.ts' | 'down.ts', env: NodeJS.ProcessEnv = {}) {
  return spawn(process.execPath, [join(import.meta.dirname, script), ...option], { env: { ...process.env, ...env } });
}

function evaluate(script: string) {
  const env = { ...process.env, [INSTANCE_VARIABLE]: String(instance.number) };
  return spawn(process.execPath, ['--input-type=module', '--eval', script], { env });
}

async function run(script: 'start.ts' | 'down.ts', env?: NodeJS.ProcessEnv) {
  const child = launch(script, env);
  const ended = once(child, 'exit');
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { status: (await ended)[0], stdout, stderr };
}

async function untilSaid({ stdout }: ReturnType<typeof launch>, words: string): Promise<void> {
  const lines = createInterface({ input: stdout });
  for await (const line of lines) if (line.includes(words)) return;
  throw new Error(`it never said ${words}`);
}
