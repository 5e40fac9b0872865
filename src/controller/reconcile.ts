import { ApiError, type Cluster, isNamespaceTerminating, type NamespaceEvent } from '../cluster/cluster.ts';
import type { Settings } from '../policy/model/settings.ts';
import type { DnsFacts, NamespaceFacts } from '../policy/model/snapshot.ts';
import type { DesiredPolicy } from '../policy/templates/desired.ts';
import { retryAfterMs } from '../runtime/backoff.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import type { WorkOutcome } from '../runtime/work-queue.ts';
import { Adoptions } from './adoption.ts';
import { carryOut, type Done, nothingDone, type Writes } from './apply.ts';
import { Conflicts } from './conflicts.ts';
import { type Decision, decide } from './decide.ts';
import { gather } from './gather.ts';
import { Lingering } from './lingering.ts';
import { Memory, type NamespaceRecord } from './memory.ts';
import type { BaselineObserver, ReconcileResult } from './observer.ts';
import { CONFLICT, type EventContent, reportOfRefusal, reportOfState, reportsOfDone } from './reports.ts';

/** ReconcilerOptions are the inputs of a reconciler. */
export interface ReconcilerOptions {
  readonly cluster: Pick<Cluster, 'snapshot' | 'hasSeenPolicy'>;
  readonly writes: Writes;
  readonly settings: () => Settings;
  /** undefined while it is not known. */
  readonly baselineSince: () => number | undefined;
  /** The policies that give the pods of a namespace their DNS back; undefined while they are not known. */
  readonly repairs: (namespace: string) => readonly DesiredPolicy[] | undefined;
  readonly record: (event: NamespaceEvent) => void;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'warn'>;
  readonly observer: BaselineObserver;
}

const DONE: WorkOutcome = { kind: 'done' };
/** After something was not as expected, in case no event comes. */
const SOON_MS = 1000;
/** An API server that has just started refuses for a moment what it allows otherwise. */
const LASTING_MS = 5000;

/** Reconciler handles one namespace at a time, for one term of leading: it gathers, decides and carries out. */
export class Reconciler {
  readonly memory = new Memory();
  private readonly options: ReconcilerOptions;
  private readonly conflicts = new Conflicts();
  private readonly adoptions = new Adoptions();
  private readonly lingering = new Lingering();

  constructor(options: ReconcilerOptions) {
    this.options = options;
  }

  /** dns returns the DNS servers that policies open: another object whenever they change. */
  dns(): DnsFacts {
    return this.lingering.facts(this.options.cluster.snapshot().dns, this.options.clock.elapsed());
  }

  /** reconcile brings a namespace closer to its desired state; it only throws because of a bug. */
  async reconcile(name: string, signal: AbortSignal): Promise<WorkOutcome> {
    const { cluster, settings: current, clock, baselineSince, repairs } = this.options;
    const snapshot = cluster.snapshot();
    const namespace = snapshot.namespace(name);
    if (namespace === undefined || namespace.terminating) return this.forget(name);
    const record = this.memory.of(namespace);
    const settings = current();
    const elapsed = clock.elapsed();
    const input = gather(namespace, record, {
      snapshot,
      settings,
      dns: this.dns(),
      baselineSince: baselineSince(),
      repairs: repairs(name),
      hasSeenPolicy: (version) => cluster.hasSeenPolicy(version),
      elapsed,
      now: clock.now(),
    });
    const decision = decide(input);
    record.template = decision.template;
    const getsLabel = input.isPatched || decision.actions.some(({ kind }) => kind === 'label');
    record.wentWithout ||= decision.state === 'none' && !getsLabel;
    const obstacle = reportOfState(namespace, decision, input.facts.dns, settings.baseline.templates.keys());
    if (obstacle !== undefined && obstacle.message !== record.obstacle) this.tell(namespace, obstacle);
    record.obstacle = obstacle?.message ?? '';
    const pause = this.pauseBefore(name, decision, elapsed);
    if (pause > 0) return this.end('deferred', { kind: 'again', afterMs: pause });
    return this.attempt(namespace, record, decision, signal);
  }

  private async attempt(
    namespace: NamespaceFacts,
    record: NamespaceRecord,
    decision: Decision,
    signal: AbortSignal,
  ): Promise<WorkOutcome> {
    const { writes, clock, settings } = this.options;
    const done = nothingDone();
    const { docsBaseUrl } = settings();
    const worker = { namespace, record, writes, signal, docsBaseUrl, elapsed: () => clock.elapsed() };
    try {
      await carryOut(decision.actions, worker, done);
    } catch (error) {
      return this.failed(error, namespace, record, signal);
    } finally {
      this.report(namespace, record, decision, done);
    }
    this.succeeded(namespace, record, decision, done);
    const result = decision.actions.length === 0 ? 'unchanged' : 'changed';
    const afterMs = done.hasConflict || done.altered.length > 0 ? SOON_MS : decision.againAfterMs;
    return this.end(result, afterMs === undefined ? DONE : { kind: 'again', afterMs });
  }

  private forget(name: string): WorkOutcome {
    this.memory.forget(name);
    this.conflicts.forget(name);
    this.adoptions.forget(name);
    return this.end('terminating', DONE);
  }

  private pauseBefore(name: string, { actions }: Decision, elapsed: number): number {
    if (actions.some((action) => action.kind === 'label' && action.label.why === 'adopted')) {
      return this.adoptions.waitMs(name, elapsed);
    }
    const heals = actions.some((action) => action.kind === 'apply' && action.heals);
    return heals ? this.conflicts.pauseMs(name, elapsed) : 0;
  }

  private failed(error: unknown, namespace: NamespaceFacts, record: NamespaceRecord, signal: AbortSignal): WorkOutcome {
    if (isNamespaceTerminating(error)) return this.forget(namespace.name);
    if (signal.aborted) return DONE;
    if (record.condition !== 'failing') {
      this.options.logger.warn({ namespace: namespace.name, err: error }, 'cannot apply a baseline, retrying');
    }
    record.condition = 'failing';
    const asked = error instanceof ApiError ? error.retryAfterSeconds : undefined;
    const outcome: WorkOutcome = { kind: 'failed', atLeastMs: retryAfterMs(asked) };
    if (isRefusal(error)) {
      this.refused(error.message, namespace, record);
      return this.end('refused', outcome);
    }
    record.refusedSince = undefined;
    return this.end('failed', outcome);
  }

  /** Reports a refusal once it has lasted, and once for each different message. */
  private refused(message: string, namespace: NamespaceFacts, record: NamespaceRecord): void {
    const elapsed = this.options.clock.elapsed();
    record.refusedSince ??= elapsed;
    if (elapsed - record.refusedSince < LASTING_MS || message === record.refusal) return;
    this.tell(namespace, reportOfRefusal(message));
    record.refusal = message;
  }

  private succeeded(
    { createdAt }: NamespaceFacts,
    record: NamespaceRecord,
    { state }: Decision,
    { altered }: Done,
  ): void {
    record.condition = altered.length > 0 ? 'altered' : state;
    record.refusal = '';
    record.refusedSince = undefined;
    if (record.condition !== 'ready' || record.hasStood) return;
    record.hasStood = true;
    const since = this.options.baselineSince();
    const isOld = createdAt === undefined || since === undefined || createdAt < since;
    if (isOld || !record.isMade || record.wentWithout) return;
    this.options.observer.baselineReady(Math.max(0, this.options.clock.now() - createdAt) / 1000);
  }

  private report(
    namespace: NamespaceFacts,
    record: NamespaceRecord,
    { actions, template }: Decision,
    done: Done,
  ): void {
    const { observer, clock } = this.options;
    record.isMade ||= actions.some((action) => action.kind === 'apply' && action.isNew && !action.heals);
    for (const report of reportsOfDone(done, template)) this.tell(namespace, report);
    for (const _ of done.healed) observer.healed();
    if (done.healed.length === 0 || !this.conflicts.healed(namespace.name, clock.elapsed())) return;
    observer.conflicted();
    this.tell(namespace, CONFLICT);
  }

  private tell({ name, uid }: NamespaceFacts, report: EventContent): void {
    this.options.record({ namespace: name, uid, ...report });
  }

  private end(result: ReconcileResult, outcome: WorkOutcome): WorkOutcome {
    this.options.observer.reconciled(result);
    return outcome;
  }
}

/** The same again would be refused again. */
function isRefusal(error: unknown): error is ApiError {
  return error instanceof ApiError && error.code < 500 && error.code !== 429 && !error.isConflict;
}
