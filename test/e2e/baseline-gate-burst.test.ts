import { describe, expect, it, onTestFinished } from 'vitest';
import { WITH_BASELINE } from '../harness/baseline.ts';
import { type Burst, bear, precocious } from '../harness/burst.ts';
import { figure, quantiles } from '../harness/figures.ts';
import { policyWrites } from '../harness/slow-proxy.ts';
import { startWorld } from '../harness/world.ts';

const NAMESPACES = 200;
const PODS_EACH = 3;

const tell = (what: string, { births, refused }: Burst): void => {
  const since = (birth: Burst['births'][number], at: number | undefined) => (at ?? Number.NaN) - birth.namespace.at;
  figure(`${what}: namespace to baseline`, quantiles(births.map((birth) => since(birth, birth.policies[1]?.at))));
  figure(`${what}: namespace to first pod`, quantiles(births.map((birth) => since(birth, birth.pods[0]?.at))));
  figure(`${what}: pods refused for good`, `${refused.length}`);
};

describe('200 namespaces, each made together with its pods', () => {
  it('no pod is stored before both policies of its namespace', async () => {
    const world = await startWorld({ config: WITH_BASELINE, replicas: 2 });
    onTestFinished(world.stop);
    await world.leader();

    const burst = await bear(world, 'burst', NAMESPACES, PODS_EACH);

    tell('gate on', burst);
    const stood = await Promise.all(
      world.guards.map((guard) => guard.metric('netpol_guard_gate_waits_total', { outcome: 'ready' }).catch(() => 0)),
    );
    figure('gate on: pods that waited until the baseline stood', `${stood.reduce((sum, count) => sum + count, 0)}`);
    expect(burst.refused).toEqual([]);
    expect(burst.births).toHaveLength(NAMESPACES);
    expect(burst.births.flatMap(({ pods }) => pods)).toHaveLength(NAMESPACES * PODS_EACH);
    expect(precocious(burst)).toEqual([]);
    expect(burst.births.filter(({ policies }) => policies.length !== 2)).toEqual([]);
  });

  it('nor where each write of a policy takes half a second more', async () => {
    const world = await startWorld({ config: WITH_BASELINE, replicas: 2, delayOf: policyWrites(500) });
    onTestFinished(world.stop);
    await world.leader();

    const burst = await bear(world, 'slow', NAMESPACES, PODS_EACH);

    tell('gate on, policies 500 ms late', burst);
    expect(burst.refused).toEqual([]);
    expect(burst.births).toHaveLength(NAMESPACES);
    expect(precocious(burst)).toEqual([]);
  }, 180_000);

  it('without the gate they are: the delay is what the gate waits for', async () => {
    const config = { ...WITH_BASELINE, gate: { enabled: false } };
    const world = await startWorld({ config, delayOf: policyWrites(500) });
    onTestFinished(world.stop);
    await world.leader();

    const burst = await bear(world, 'open', 20, PODS_EACH);

    tell('gate off, policies 500 ms late', burst);
    expect(burst.refused).toEqual([]);
    expect(precocious(burst).length).toBeGreaterThan(0);
  });
});
