import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { until } from '../harness/until.ts';
import { inhabitants, launch, run, SPARE, survey, untilSaid } from './ending/spare.ts';
import { isAlive } from './node/process-identity.ts';

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
    expect(existsSync(SPARE.folder)).toBe(false);
  });

  it('names all that is not installed, where nothing can install it', async () => {
    const { status, stderr } = await run('start.ts', { PATH: '/nowhere' });
    expect(status).toBe(2);
    expect(stderr).toContain('apt-get install util-linux mount iproute2 iptables ipset nftables conntrack openssl gcc');
  });
});
