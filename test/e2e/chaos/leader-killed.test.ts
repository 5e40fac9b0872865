import { expect, it, onTestFinished } from 'vitest';
import { WITH_BASELINE } from '../../harness/baseline.ts';
import { watchCreations } from '../../harness/creations.ts';
import { makeNamespaces, untilAllStand } from '../../harness/crowd.ts';
import { figure } from '../../harness/figures.ts';
import { ourWarnings } from '../../harness/release.ts';
import { startWorld } from '../../harness/world.ts';

const NAMESPACES = 500;

it('kill -9 of the leader while 500 namespaces are made: another one takes over, nothing is missing, nothing doubled', async () => {
  const world = await startWorld({ config: WITH_BASELINE, replicas: 2 });
  onTestFinished(world.stop);
  const policies = await watchCreations(world.api, '/apis/networking.k8s.io/v1/networkpolicies');
  const killed = await world.leader();
  const other = world.guards.find((guard) => guard !== killed);
  let killedAt = 0;

  const names = await makeNamespaces(world, 'burst', NAMESPACES, (made) => {
    if (made !== 150) return;
    killed.process.signal('SIGKILL');
    killedAt = performance.now();
  });
  expect(killedAt).toBeGreaterThan(0);
  expect(await world.leader()).toBe(other);
  figure('kill -9 of the leader: another one holds the Lease', `${Math.round(performance.now() - killedAt)} ms later`);
  await untilAllStand(world, names);
  const last = Math.max(...policies.all.map(({ at }) => at));
  figure('kill -9 of the leader: the last policy is stored', `${Math.round(last - killedAt)} ms later`);

  const stored = new Set(policies.all.map(({ namespace, name }) => `${namespace}/${name}`));
  expect(policies.all).toHaveLength(NAMESPACES * 2);
  expect(stored.size).toBe(NAMESPACES * 2);
  expect(other?.process.exitCode()).toBeUndefined();
  expect(await ourWarnings(world.kubectl)).toBe('');
}, 180_000);
