import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { until } from '../harness/until.ts';
import { evaluate, inhabitants, run, SPARE, survey, untilSaid } from './ending/spare.ts';
import { readKeeping } from './node/keeping.ts';
import { isAlive } from './node/process-identity.ts';

afterEach(async () => {
  await run('down.ts');
});

describe('what a cluster that came to a bad end leaves on the machine', () => {
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
    // The parts and their supervisor; pods may still be starting.
    expect(living.length).toBeGreaterThan(9);
    owner.kill('SIGKILL');
    await until('everything of it to end', () => living.every((one) => !isAlive(one)) || undefined, 60_000);
    expect(survey()).toEqual(before);
  });

  it('is named where its keeper was killed, and cleared away on request', async () => {
    const before = survey();
    expect(await run('start.ts')).toMatchObject({ status: 0 });
    const living = inhabitants();
    const keeper = readKeeping(SPARE.folder)?.keeper;
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
    // Everything in it goes on writing there.
    rmSync(SPARE.folder, { recursive: true, force: true, maxRetries: 50, retryDelay: 20 });
    expect(await run('start.ts')).toMatchObject({ status: 2, stderr: expect.stringContaining('without its cluster') });
    expect(await run('down.ts')).toMatchObject({ status: 0 });
    await until('everything of it to end', () => living.every((one) => !isAlive(one)) || undefined);
    expect(survey()).toEqual(before);
  });
});
