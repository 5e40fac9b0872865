import type { Clock } from '../cluster/clock.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { evaluate } from '../policy/evaluate.ts';
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

/** How long policies are judged before others get a turn, in milliseconds. */
const TURN_MS = 5;
const DONE: Outcome = { kind: 'done' };

/** Violations judges again what stands: two changes that are judged at the same time may each be right alone. */
export class Violations {
  private readonly options: ViolationsOptions;
  private turnBeganAt = Number.NEGATIVE_INFINITY;
  private readonly byNamespace = new Map<string, ReadonlyMap<string, ViolationCount>>();

  constructor(options: ViolationsOptions) {
    this.options = options;
  }

  /** audit judges every policy of the namespace as if it were written anew. */
  async audit(namespace: string, signal: AbortSignal): Promise<Outcome> {
    const { cluster, settings, clock, now } = this.options;
    const found = new Map<string, ViolationCount>();
    for (const after of [...cluster.snapshot().policies(namespace).all()]) {
      if (clock.elapsed() - this.turnBeganAt > TURN_MS) {
        await clock.sleep(0, signal);
        this.turnBeganAt = clock.elapsed();
      }
      if (signal.aborted) return DONE;
      const change = { operation: 'AUDIT', namespace, after } as const;
      const { findings } = evaluate(change, cluster.snapshot(), settings(), now());
      for (const [rule, level] of new Map(findings.map((finding) => [finding.rule, finding.level]))) {
        found.set(rule, { rule, level, count: (found.get(rule)?.count ?? 0) + 1 });
      }
    }
    if (found.size === 0) this.byNamespace.delete(namespace);
    else this.byNamespace.set(namespace, found);
    return DONE;
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
