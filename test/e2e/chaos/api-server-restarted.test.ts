import { expect, it, onTestFinished } from 'vitest';
import { WITH_BASELINE } from '../../harness/baseline.ts';
import { watchCreations } from '../../harness/creations.ts';
import { makeNamespaces, untilAllStand } from '../../harness/crowd.ts';
import { figure } from '../../harness/figures.ts';
import { ourWarnings } from '../../harness/release.ts';
import { startWorld } from '../../harness/world.ts';

const NAMESPACES = 150;

it('the API server killed and started again while namespaces are made: each gets its baseline, once', async () => {
  const world = await startWorld({ config: WITH_BASELINE, replicas: 2 });
  onTestFinished(world.stop);
  await world.leader();
  let restarted = Promise.resolve();

  const names = await makeNamespaces(world, 'burst', NAMESPACES, (made) => {
    if (made === 50) restarted = world.controlPlane.restart('kube-apiserver');
  });
  await restarted;
  const upAgain = performance.now();
  const policies = await watchCreations(world.api, '/apis/networking.k8s.io/v1/networkpolicies');
  await untilAllStand(world, names, 60_000);

  figure(
    'API server restarted: every namespace has its baseline',
    `${Math.round(performance.now() - upAgain)} ms after it was ready`,
  );
  expect(policies.all.length).toBeLessThanOrEqual(NAMESPACES * 2);
  expect(await ourWarnings(world.kubectl)).toBe('');
  for (const guard of world.guards) {
    expect(guard.process.exitCode()).toBeUndefined();
    expect(await guard.ready()).toBe(true);
  }
}, 180_000);
