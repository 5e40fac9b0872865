import type { Cluster } from '../cluster/cluster.ts';
import { metaTime } from '../objects/meta-time.ts';
import type { NamespaceFacts } from '../policy/model/snapshot.ts';
import type { Logger } from '../runtime/logger.ts';
import { WorkQueue } from '../runtime/work-queue.ts';
import type { Violation } from './known-violations.ts';
import type { Memory } from './memory.ts';
import type { LeaderFacts, NamespaceCount } from './observer.ts';
import { Reconciler, type ReconcilerOptions } from './reconcile.ts';
import { Repairs } from './repair-looks.ts';
import { reportOfUndecided, reportOfViolations } from './reports.ts';
import { ThreadShare } from './thread-share.ts';
import { Violations } from './violations.ts';

/** BaselineController gives namespaces their baselines, and keeps them. */
export interface BaselineController {
  /** run works for one term, until the signal fires, and ends when no work is running any more. */
  run(signal: AbortSignal): Promise<void>;
}

/** ControllerOptions are the inputs of the controller. */
export interface ControllerOptions extends Omit<ReconcilerOptions, 'cluster' | 'baselineSince' | 'repairs' | 'logger'> {
  /** Must have synced. */
  readonly cluster: Pick<Cluster, 'snapshot' | 'namespaces' | 'onNamespaceEvent' | 'hasSeenPolicy'>;
  /** Reads since when namespaces have been given a baseline, RFC 3339, and writes `proposed` if it is not recorded. */
  readonly readBaselineSince: (proposed: string, signal: AbortSignal) => Promise<string>;
  readonly logger: Logger;
}

/** Namespaces worked on at a time: each waits for the API server most of the time. */
const CONCURRENCY = 8;
/** How often to check whether the configuration, cluster DNS or the API server's endpoints have changed. */
const LOOK_MS = 500;
/** A change that was missed is found at the latest then. */
const RESYNC_MS = 10 * 60_000;
/** What changes several times within that time is judged once. */
const AUDIT_DELAY_MS = 250;
const BASELINE_SINCE_RETRY_MS = 5000;

/** createController makes the controller of a process; it does nothing before it is run. */
export function createController(options: ControllerOptions): BaselineController {
  return { run: (signal) => new Work(options, signal).run() };
}

/** Work is what the controller does in one term. */
class Work {
  private readonly options: ControllerOptions;
  private readonly signal: AbortSignal;
  private readonly reconciler: Reconciler;
  private readonly repairs: Repairs;
  private readonly violations: Violations;
  private readonly namespaces: WorkQueue;
  private readonly looks: WorkQueue;
  private readonly audits: WorkQueue;
  private baselineSince: number | undefined;

  constructor(options: ControllerOptions, signal: AbortSignal) {
    const { clock, logger, observer } = options;
    this.options = options;
    this.signal = signal;
    const share = new ThreadShare(clock);
    this.repairs = new Repairs({
      ...options,
      share,
      onFound: (name) => this.namespaces.add(name),
      onUndecided: (namespace, policies) => this.tellUndecided(namespace, policies),
    });
    this.reconciler = new Reconciler({
      ...options,
      baselineSince: () => this.baselineSince,
      repairs: (name) => this.repairs.of(name),
    });
    this.violations = new Violations({
      ...options,
      share,
      onNews: (namespace, found) => this.tellViolations(namespace, found),
    });
    const queue = { clock, logger };
    this.namespaces = new WorkQueue({
      ...queue,
      work: (name) => this.reconciler.reconcile(name, signal),
      concurrency: CONCURRENCY,
      observer: observer.queue('namespaces'),
    });
    this.looks = new WorkQueue({
      ...queue,
      work: (name) => this.repairs.look(name, signal),
      concurrency: 1,
      observer: observer.queue('repairs'),
    });
    this.audits = new WorkQueue({
      ...queue,
      work: (name) => this.violations.audit(name, signal),
      concurrency: 1,
      observer: observer.queue('audits'),
    });
  }

  async run(): Promise<void> {
    const { cluster, observer } = this.options;
    observer.leads(this.facts());
    const leave = cluster.onNamespaceEvent((name) => {
      this.namespaces.add(name);
      this.repairs.changed(name);
      this.looks.add(name);
      this.violations.changed(name);
      this.audits.addAfter(name, AUDIT_DELAY_MS);
    });
    try {
      await Promise.all([this.learnBaselineSince(), this.keepLooking()]);
    } finally {
      leave();
      await Promise.all([this.namespaces, this.looks, this.audits].map((queue) => queue.stop()));
      observer.leads(undefined);
    }
  }

  /** Checks everything once, again when something global changed, and periodically. */
  private async keepLooking(): Promise<void> {
    const { clock, cluster, settings } = this.options;
    let seen: readonly unknown[] = [];
    let syncedAt = Number.NEGATIVE_INFINITY;
    while (!this.signal.aborted) {
      const current = [settings(), this.reconciler.dns(), cluster.snapshot().services];
      const isDue = clock.elapsed() - syncedAt >= RESYNC_MS;
      if (isDue) this.auditAll();
      if (isDue || current.some((fact, i) => fact !== seen[i])) this.reconcileAll();
      if (isDue) syncedAt = clock.elapsed();
      seen = current;
      await clock.sleep(LOOK_MS, this.signal);
    }
  }

  /** Not before there is a default template: earlier namespaces were not missed, but never meant to get one. */
  private async learnBaselineSince(): Promise<void> {
    const { readBaselineSince, clock, logger, settings } = this.options;
    while (settings().baseline.template === undefined && !this.signal.aborted) await clock.sleep(LOOK_MS, this.signal);
    while (!this.signal.aborted) {
      try {
        const text = await readBaselineSince(metaTime(clock.now()), this.signal);
        const time = Date.parse(text);
        if (Number.isNaN(time))
          throw new Error(`baselineSince: "${text}" is not a time; remove it, or write one as in RFC 3339`);
        this.baselineSince = time;
        this.reconcileAll();
        return;
      } catch (err) {
        if (!this.signal.aborted) logger.warn({ err }, 'cannot tell which namespaces the webhook missed, retrying');
        await clock.sleep(BASELINE_SINCE_RETRY_MS, this.signal);
      }
    }
  }

  private tellViolations({ name, uid }: NamespaceFacts, violations: readonly Violation[]): void {
    const { record, observer, logger } = this.options;
    for (const { rule } of violations) observer.violated(rule);
    const report = reportOfViolations(violations);
    record({ namespace: name, uid, ...report });
    logger.warn({ namespace: name, violations: violations.length }, 'stored policies violate enforced rules');
  }

  private tellUndecided({ name, uid }: NamespaceFacts, policies: readonly string[]): void {
    const { record, logger } = this.options;
    record({ namespace: name, uid, ...reportOfUndecided(policies) });
    logger.warn({ namespace: name, policies: policies.length }, 'policies are too complicated to repair');
  }

  private reconcileAll(): void {
    for (const { name } of this.options.cluster.namespaces()) {
      this.namespaces.addRoutine(name);
      this.repairs.changed(name);
      this.looks.addRoutine(name);
    }
  }

  private auditAll(): void {
    for (const name of this.options.cluster.snapshot().namespacesWithPolicies()) this.audits.addRoutine(name);
  }

  private facts(): LeaderFacts {
    return {
      namespaces: () => census(this.reconciler.memory),
      violations: () => this.violations.counts(),
      depths: () =>
        new Map([
          ['namespaces', this.namespaces.depth],
          ['repairs', this.looks.depth],
          ['audits', this.audits.depth],
        ]),
    };
  }
}

function census(memory: Memory): readonly NamespaceCount[] {
  const counts = new Map<string, NamespaceCount>();
  for (const { template, condition: state } of memory.all()) {
    const key = `${state} ${template}`;
    counts.set(key, { template, state, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  return [...counts.values()];
}
