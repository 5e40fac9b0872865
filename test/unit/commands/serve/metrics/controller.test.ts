import { expect, test } from 'vitest';
import { createMetrics } from '../../../../../src/commands/serve/metrics/admission.ts';

async function samples(metrics: ReturnType<typeof createMetrics>): Promise<readonly string[]> {
  const { text } = await metrics.text();
  return text.split('\n').filter((line) => line.startsWith('netpol_guard_'));
}

test('what the controller reports is counted under the names that admins know', async () => {
  const metrics = createMetrics();
  const { baseline, cluster } = metrics;
  baseline.leads({
    namespaces: () => [{ template: 'default-deny', state: 'ready', count: 7 }],
    violations: () => [{ rule: 'dns-blocked', level: 'standard', count: 2 }],
    depths: () => new Map([['namespaces', 5]]),
  });
  baseline.reconciled('changed');
  baseline.healed();
  baseline.conflicted();
  baseline.resolverMismatch(true);
  baseline.violated('dns-blocked');
  baseline.baselineReady(1.2);
  const queue = baseline.queue('namespaces');
  queue.added();
  queue.retried();
  queue.started(0.05);
  queue.ended(0.02);
  cluster.watchEnded('namespaces', 'stalled');
  expect(await samples(metrics)).toEqual(
    expect.arrayContaining([
      'netpol_guard_leader_election_master_status 1',
      'netpol_guard_namespaces{template="default-deny",state="ready"} 7',
      'netpol_guard_violations{rule="dns-blocked",level="standard"} 2',
      'netpol_guard_reconcile_total{result="changed"} 1',
      'netpol_guard_drift_healed_total 1',
      'netpol_guard_conflicts_total 1',
      'netpol_guard_resolver_mismatch 1',
      'netpol_guard_violations_found_total{rule="dns-blocked"} 1',
      'netpol_guard_violations_found_total{rule="dns-open-to-anywhere"} 0',
      'netpol_guard_time_to_baseline_seconds_bucket{le="1.5"} 1',
      'netpol_guard_workqueue_depth{name="namespaces"} 5',
      'netpol_guard_workqueue_adds_total{name="namespaces"} 1',
      'netpol_guard_workqueue_retries_total{name="namespaces"} 1',
      'netpol_guard_workqueue_queue_duration_seconds_count{name="namespaces"} 1',
      'netpol_guard_workqueue_work_duration_seconds_sum{name="namespaces"} 0.02',
      'netpol_guard_watch_restarts_total{resource="namespaces",reason="stalled"} 1',
    ]),
  );
});

test('what only a leader knows is gone when it leads no more, and never there before', async () => {
  const metrics = createMetrics();
  const known = (lines: readonly string[]) =>
    lines.filter((line) => /^netpol_guard_(namespaces|violations|workqueue_depth)\{/.test(line));
  expect(known(await samples(metrics))).toEqual([]);
  metrics.baseline.leads({
    namespaces: () => [{ template: 'none', state: 'none', count: 1 }],
    violations: () => [{ rule: 'dns-blocked', level: 'standard', count: 2 }],
    depths: () => new Map([['namespaces', 0]]),
  });
  expect(known(await samples(metrics))).toHaveLength(3);
  metrics.baseline.leads(undefined);
  const lines = await samples(metrics);
  expect(known(lines)).toEqual([]);
  expect(lines).toContain('netpol_guard_leader_election_master_status 0');
});
