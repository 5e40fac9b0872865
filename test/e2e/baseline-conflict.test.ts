import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { isWrite } from '../harness/audit-log.ts';
import { DEFAULT_DENY, EXEMPT, untilSpecs, WITH_BASELINE } from '../harness/baseline.ts';
import { figure } from '../harness/figures.ts';
import { useCluster } from '../harness/fixture.ts';
import { policyPath } from '../harness/policies.ts';
import { OURSELVES } from '../harness/release.ts';
import { until } from '../harness/until.ts';

const cluster = useCluster({ config: { ...WITH_BASELINE, ...EXEMPT } });

/** How long, and how often, somebody deletes a policy. */
const FIGHT_MS = 15_000;
const PAUSE_MS = 100;

it('somebody who keeps deleting a policy: told once, healed ever more slowly, never given up, and nobody else waits', async () => {
  const namespace = await cluster.namespace();
  await untilSpecs(cluster, namespace);
  const calm = await cluster.namespace();
  await untilSpecs(cluster, calm);
  const path = policyPath(namespace, `/${DEFAULT_DENY}`);

  let deleted = 0;
  const until_ = Date.now() + FIGHT_MS;
  while (Date.now() < until_) {
    const { status } = await cluster.breakglass.request('DELETE', path);
    if (status === 200) deleted += 1;
    await pause(PAUSE_MS);
  }
  await cluster.breakglass.request('DELETE', policyPath(calm, `/${DEFAULT_DENY}`));
  await untilSpecs(cluster, calm);

  const heals = cluster
    .auditLog()
    .filter(
      (event) =>
        event.user.username === OURSELVES &&
        event.objectRef?.namespace === namespace &&
        isWrite(event) &&
        event.objectRef.resource === 'networkpolicies',
    );
  figure(
    `a policy deleted whenever it is there, for ${FIGHT_MS / 1000} s`,
    `deleted ${deleted} times, ${heals.length} writes of ours`,
  );
  expect(deleted).toBeGreaterThan(4);
  // Two for the birth, and then a heal at most every 250 ms, and ever more seldom.
  expect(heals.length).toBeLessThan(20);
  const { stdout } = await cluster.kubectl(['events', '-n', namespace, '--types=Warning']);
  expect(stdout).toMatch(
    /Warning +BaselineConflict +Namespace\/\S+ +someone keeps undoing the baseline, so it is restored more and more slowly; a cluster admin can opt the namespace out with the label netpol-guard\.io\/baseline=none\n/,
  );
  expect(stdout.match(/BaselineConflict/g)).toHaveLength(1);
  const started = performance.now();
  await until('the baseline, at last', () => untilSpecs(cluster, namespace).then(() => true), 60_000);
  figure(
    'from the last deletion of the fight to the baseline',
    `${Math.round((performance.now() - started) / 100) / 10} s`,
  );
}, 120_000);
