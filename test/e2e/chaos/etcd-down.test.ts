import { setTimeout as pause } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { untilSpecs, WITH_BASELINE } from '../../harness/baseline.ts';
import { makeNamespaces, untilAllStand } from '../../harness/crowd.ts';
import { figure } from '../../harness/figures.ts';
import { ourWarnings } from '../../harness/release.ts';
import { startWorld, type World } from '../../harness/world.ts';

const DOWN_MS = 30_000;

const requests = async ({ guards }: World): Promise<number> => {
  const counts = await Promise.all(guards.map((guard) => guard.metric('netpol_guard_rest_client_requests_total')));
  return counts.reduce((sum, count) => sum + count, 0);
};

it.each(['killed', 'paused'])(
  'etcd %s for 30 s while namespaces are made: no storm meanwhile, all is right afterwards',
  async (how) => {
    const world = await startWorld({ config: WITH_BASELINE, replicas: 2 });
    onTestFinished(world.stop);
    await world.leader();
    const standing = await world.namespace();
    await untilSpecs(world, standing);
    const making = makeNamespaces(world, 'burst', 100);
    await pause(300);

    const before = await requests(world);
    if (how === 'killed') await world.controlPlane.restart('etcd', () => pause(DOWN_MS));
    else {
      world.controlPlane.signal('etcd', 'SIGSTOP');
      await pause(DOWN_MS);
      world.controlPlane.signal('etcd', 'SIGCONT');
    }
    const upAgain = performance.now();
    const meanwhile = (await requests(world)) - before;
    const names = await making;
    await untilAllStand(world, names, 90_000);

    figure(
      `etcd ${how} for 30 s: every namespace has its baseline`,
      `${Math.round(performance.now() - upAgain)} ms after it was back`,
    );
    figure(`etcd ${how} for 30 s: requests of two replicas meanwhile`, `${meanwhile}`);
    expect(meanwhile).toBeLessThan(2000);
    await untilSpecs(world, standing);
    expect(await ourWarnings(world.kubectl)).toBe('');
    for (const guard of world.guards) {
      expect(guard.process.exitCode()).toBeUndefined();
      expect(await guard.ready()).toBe(true);
    }
  },
  240_000,
);
