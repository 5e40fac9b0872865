import { setTimeout as pause } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { type AuditEvent, isWrite } from '../../harness/audit-log.ts';
import { specsIn, untilSpecs, WITH_BASELINE } from '../../harness/baseline.ts';
import { makeNamespaces, untilAllStand } from '../../harness/crowd.ts';
import { figure } from '../../harness/figures.ts';
import type { Guard } from '../../harness/guard.ts';
import { leaderOf } from '../../harness/release.ts';
import { until } from '../../harness/until.ts';
import { startWorld } from '../../harness/world.ts';

const PAUSE_MS = 60_000;

it('SIGSTOP of the leader for a minute: another one takes over, and what wakes up writes nothing that was decided before', async () => {
  const world = await startWorld({ config: WITH_BASELINE, replicas: 2 });
  onTestFinished(world.stop);
  const paused = await world.leader();
  const [other] = world.guards.filter((guard) => guard !== paused);
  const standing = await world.namespace();
  await untilSpecs(world, standing);

  // In the middle of its work, so that there is something left to write when it wakes up.
  const names = await makeNamespaces(world, 'burst', 100, (made) => {
    if (made === 50) paused.process.signal('SIGSTOP');
    if (made === 50) world.balancer.route([other?.port ?? 0]);
  });
  const pausedAt = Date.now();
  await until(
    'another leader',
    async () => ((await leaderOf(world.api)) === other?.replica ? true : undefined),
    40_000,
  );
  figure('SIGSTOP of the leader: another one holds the Lease', `${Date.now() - pausedAt} ms later`);
  await untilAllStand(world, names);
  // What the sleeper knows of these is wrong by now.
  for (const name of [standing, ...names.slice(0, 20)]) {
    const { status } = await world.kubectl([
      'label',
      'namespace',
      name,
      '--overwrite',
      'netpol-guard.io/baseline=none',
    ]);
    expect(status).toBe(0);
    await untilSpecs(world, name, {});
  }
  await pause(Math.max(0, pausedAt + PAUSE_MS - Date.now()));
  const wokenAt = Date.now();
  paused.process.signal('SIGCONT');
  await until('it to be ready', async () => ((await paused.ready()) ? true : undefined));
  await pause(5_000);

  expect(world.auditLog().filter((event) => isBy(paused, event) && isLate(event, wokenAt))).toEqual([]);
  expect(await leaderOf(world.api)).toBe(other?.replica);
  for (const name of [standing, ...names.slice(0, 20)]) expect(await specsIn(world, name)).toEqual({});
  await untilAllStand(world, names.slice(20));
}, 240_000);

function isBy({ credential }: Guard, { user }: AuditEvent): boolean {
  return user.extra?.['authentication.kubernetes.io/credential-id']?.includes(credential) === true;
}

/** Leases are how it learns that it leads no more, and Events tell of what it did before. */
function isLate(event: AuditEvent, since: number): boolean {
  const { objectRef, requestReceivedTimestamp } = event;
  const isHarmless = objectRef?.resource === 'leases' || objectRef?.resource === 'events';
  return isWrite(event) && !isHarmless && Date.parse(requestReceivedTimestamp) >= since;
}
