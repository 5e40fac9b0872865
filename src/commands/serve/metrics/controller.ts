import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { BaselineObserver, LeaderFacts } from '../../../controller/observer.ts';
import { RULES } from '../../../policy/rules/index.ts';

/** From a policy that is written at once to an API server that was away for minutes. */
const BASELINE_SECONDS = [0.1, 0.25, 0.5, 1, 1.5, 2, 3, 5, 10, 30, 60, 300];
/** As client-go's workqueue metrics, without its nanoseconds. */
const QUEUE_SECONDS = [0.0001, 0.001, 0.01, 0.1, 1, 10, 60, 300];

/**
 * controllerObserver makes the metrics of the controller; what only a leader knows is removed when it no longer leads.
 */
export function controllerObserver(registry: Registry): BaselineObserver {
  const registers = [registry];
  let leader: LeaderFacts | undefined;
  showLeader(registry, () => leader);
  const violations = new Counter({
    name: 'netpol_guard_violations_found_total',
    help: 'Stored policies found to break a rule that their namespace enforces.',
    labelNames: ['rule'],
    registers,
  });
  // Prometheus sees no increase in a counter that begins at 1.
  for (const { id } of RULES) violations.inc({ rule: id }, 0);
  const results = new Counter({
    name: 'netpol_guard_reconcile_total',
    help: 'Reconciliations of a namespace, by result.',
    labelNames: ['result'],
    registers,
  });
  const heals = new Counter({
    name: 'netpol_guard_drift_healed_total',
    help: 'Baseline policies restored after someone had changed or deleted them.',
    registers,
  });
  const conflicts = new Counter({
    name: 'netpol_guard_conflicts_total',
    help: 'Namespaces whose baseline someone kept undoing, so that it was restored more and more slowly.',
    registers,
  });
  const readiness = new Histogram({
    name: 'netpol_guard_time_to_baseline_seconds',
    help: 'Time from the creation of a namespace to its baseline; up to 1 s too long, as creation times are whole seconds.',
    buckets: BASELINE_SECONDS,
    registers,
  });
  const mismatch = new Gauge({
    name: 'netpol_guard_resolver_mismatch',
    help: '1 in the leader while pods use a nameserver that is not among the DNS servers found, else 0.',
    registers,
  });
  return {
    resolverMismatch: (isMismatch) => mismatch.set(isMismatch ? 1 : 0),
    leads: (facts) => {
      leader = facts;
    },
    reconciled: (result) => results.inc({ result }),
    violated: (rule) => violations.inc({ rule }),
    healed: () => heals.inc(),
    conflicted: () => conflicts.inc(),
    baselineReady: (seconds) => readiness.observe(seconds),
    queue: queueObserver(registry, () => leader?.depths() ?? new Map()),
  };
}

function showLeader(registry: Registry, leader: () => LeaderFacts | undefined): void {
  const registers = [registry];
  new Gauge({
    name: 'netpol_guard_leader_election_master_status',
    help: '1 while this process leads, else 0.',
    registers,
    collect() {
      this.set(leader() === undefined ? 0 : 1);
    },
  });
  new Gauge({
    name: 'netpol_guard_namespaces',
    help: 'Namespaces by template and by the state of their baseline.',
    labelNames: ['template', 'state'],
    registers,
    collect() {
      this.reset();
      for (const { template, state, count } of leader()?.namespaces() ?? []) this.set({ template, state }, count);
    },
  });
  new Gauge({
    name: 'netpol_guard_violations',
    help: 'Stored policies that break a rule, judged again every 10 minutes and when their namespace changes.',
    labelNames: ['rule', 'level'],
    registers,
    collect() {
      this.reset();
      for (const { rule, level, count } of leader()?.violations() ?? []) this.set({ rule, level }, count);
    },
  });
}

function queueObserver(registry: Registry, depths: () => ReadonlyMap<string, number>): BaselineObserver['queue'] {
  const setting = { labelNames: ['name'], registers: [registry] };
  new Gauge({
    ...setting,
    name: 'netpol_guard_workqueue_depth',
    help: 'Namespaces that wait to be reconciled.',
    collect() {
      this.reset();
      for (const [name, depth] of depths()) this.set({ name }, depth);
    },
  });
  const adds = new Counter({ ...setting, name: 'netpol_guard_workqueue_adds_total', help: 'Namespaces queued.' });
  const retries = new Counter({
    ...setting,
    name: 'netpol_guard_workqueue_retries_total',
    help: 'Namespaces queued again after a failure.',
  });
  const waits = new Histogram({
    ...setting,
    name: 'netpol_guard_workqueue_queue_duration_seconds',
    help: 'Time that a namespace waited in the queue.',
    buckets: QUEUE_SECONDS,
  });
  const works = new Histogram({
    ...setting,
    name: 'netpol_guard_workqueue_work_duration_seconds',
    help: 'Time to reconcile a namespace.',
    buckets: QUEUE_SECONDS,
  });
  return (name) => ({
    added: () => adds.inc({ name }),
    retried: () => retries.inc({ name }),
    started: (seconds) => waits.observe({ name }, seconds),
    ended: (seconds) => works.observe({ name }, seconds),
  });
}
