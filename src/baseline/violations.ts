import type { Clock } from '../cluster/clock.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { evaluate } from '../policy/evaluate.ts';
import type { Policy } from '../policy/model.ts';
import type { Settings } from '../policy/settings.ts';
import type { ViolationCount } from './observer.ts';
import type { Outcome } from './work-queue.ts';

export interface ViolationsOptions {
  readonly cluster: Pick<Cluster, 'snapshot'>;
  readonly settings: () => Settings;
  readonly clock: Clock;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** How long policies are judged at a time, in milliseconds. As long a pause follows, so that a half is left for requests. */
const TURN_MS = 5;
/** How long one namespace is judged before another one's turn: somebody may make thousands of policies that take long. */
const SLICE_MS = 1000;
const DONE: Outcome = { kind: 'done' };
const NEXT_TURN: Outcome = { kind: 'routine' };

/** Progress is an audit that is under way. */
interface Progress {
  readonly left: Policy[];
  readonly found: Map<string, ViolationCount>;
  /** Whether the namespace has changed since it began. */
  isStale: boolean;
}

/** Violations judges again what stands: two changes that are judged at the same time may each be right alone. */
export class Violations {
  private readonly options: ViolationsOptions;
  private judgedMs = 0;
  private readonly underWay = new Map<string, Progress>();
  private readonly byNamespace = new Map<string, ReadonlyMap<string, ViolationCount>>();

  constructor(options: ViolationsOptions) {
    this.options = options;
  }

  /** changed has an audit that is under way followed by another one. */
  changed(namespace: string): void {
    const progress = this.underWay.get(namespace);
    if (progress !== undefined) progress.isStale = true;
  }

  /** audit judges every policy of the namespace as if it were written anew; a large namespace takes several turns. */
  async audit(namespace: string, signal: AbortSignal): Promise<Outcome> {
    const { cluster, clock } = this.options;
    const progress = this.underWay.get(namespace) ?? {
      left: [...cluster.snapshot().policies(namespace).all()],
      found: new Map(),
      isStale: false,
    };
    this.underWay.set(namespace, progress);
    const end = clock.elapsed() + SLICE_MS;
    for (let policy = progress.left.pop(); policy !== undefined; policy = progress.left.pop()) {
      this.judge(namespace, policy, progress.found);
      await this.pause(signal);
      if (signal.aborted) return DONE;
      if (progress.left.length > 0 && clock.elapsed() >= end) return NEXT_TURN;
    }
    this.underWay.delete(namespace);
    if (progress.found.size === 0) this.byNamespace.delete(namespace);
    else this.byNamespace.set(namespace, progress.found);
    return progress.isStale ? NEXT_TURN : DONE;
  }

  private judge(namespace: string, after: Policy, found: Map<string, ViolationCount>): void {
    const { cluster, settings, clock, now } = this.options;
    const began = clock.elapsed();
    const change = { operation: 'AUDIT', namespace, after } as const;
    const { findings } = evaluate(change, cluster.snapshot(), settings(), now());
    for (const [rule, level] of new Map(findings.map((finding) => [finding.rule, finding.level]))) {
      found.set(rule, { rule, level, count: (found.get(rule)?.count ?? 0) + 1 });
    }
    this.judgedMs += clock.elapsed() - began;
  }

  private async pause(signal: AbortSignal): Promise<void> {
    if (this.judgedMs < TURN_MS) return;
    await this.options.clock.sleep(Math.min(this.judgedMs, SLICE_MS), signal);
    this.judgedMs = 0;
  }

  /** counts returns, for every rule that is broken, by how many policies. */
  counts(): readonly ViolationCount[] {
    const counts = new Map<string, ViolationCount>();
    for (const found of this.byNamespace.values()) {
      for (const [rule, { level, count }] of found) {
        counts.set(rule, { rule, level, count: (counts.get(rule)?.count ?? 0) + count });
      }
    }
    return [...counts.values()];
  }
}
