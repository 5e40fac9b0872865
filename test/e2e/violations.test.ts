import { expect, it } from 'vitest';
import { untilSpecs, WITH_BASELINE } from '../harness/baseline.ts';
import { useCluster } from '../harness/fixture.ts';
import { openDns } from '../harness/policies.ts';
import { until } from '../harness/until.ts';

const cluster = useCluster({ config: WITH_BASELINE });

it('what stands and breaks a rule is counted by the leader, and no more once it is gone', async () => {
  const namespace = await cluster.namespace({ 'netpol-guard.io/enforce': 'off', 'netpol-guard.io/warn': 'off' });
  await untilSpecs(cluster, namespace);
  const violations = () =>
    cluster.guard.metric('netpol_guard_violations', { rule: 'dns-open-to-anywhere', level: 'standard' }).catch(() => 0);
  const before = await violations();
  await cluster.apply(namespace, [openDns]);

  await until('the violation', async () => ((await violations()) === before + 1 ? true : undefined));

  await cluster.kubectl(['delete', 'networkpolicy', 'open-dns', '-n', namespace]);
  await until('it to be gone', async () => ((await violations()) === before ? true : undefined));
  expect(await violations()).toBe(before);
});
