import type { Change } from './change.ts';
import type { Finding } from './finding.ts';
import type { Settings } from './settings.ts';
import type { ClusterSnapshot } from './snapshot.ts';

/** Verdict is everything there is to say about one change. */
export interface Verdict {
  /** Sorted: those that deny first, then by path and rule. */
  readonly findings: readonly Finding[];
  /** What an exemption took out of force: `rule (reason)`; also expired entries that would have applied. */
  readonly exempted: readonly string[];
  /** Notes beside the findings, such as an expired exemption or a namespace label that is not a level. */
  readonly notes: readonly string[];
  readonly denied: boolean;
}

/**
 * evaluate judges one change against the cluster. Pure: `now` (milliseconds since the epoch) only decides which
 * exemptions have expired.
 */
export declare function evaluate(change: Change, snapshot: ClusterSnapshot, settings: Settings, now: number): Verdict;
