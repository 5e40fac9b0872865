import { expect, it } from 'vitest';
import { WITH_BASELINE } from '../harness/baseline.ts';
import { useCluster } from '../harness/fixture.ts';
import { openDns } from '../harness/policies.ts';
import { RELEASE } from '../harness/release.ts';
import { until } from '../harness/until.ts';

const cluster = useCluster({ config: WITH_BASELINE });

it('a bad configuration is told by an Event in our own namespace, and the last good one stays in force', async () => {
  cluster.guard.configure({ ...WITH_BASELINE, enforce: 'strickt' });

  const event = await until(
    'the Event',
    async () => {
      const { stdout } = await cluster.kubectl(['events', '-n', RELEASE.namespace]);
      return stdout.split('\n').find((line) => line.includes('ConfigurationRefused'));
    },
    30_000,
  );

  expect(event).toMatch(/Warning +ConfigurationRefused +Namespace\/netpol-guard +the last good configuration stays/);
  expect(event).toContain('did you mean strict?');
  expect(await cluster.guard.metric('netpol_guard_configuration_reloads_total', { outcome: 'refused' })).toBe(1);
  const namespace = await cluster.namespace();
  expect(await cluster.apply(namespace, [openDns])).toMatchObject({ status: 1 });
});
