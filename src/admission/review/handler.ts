import type { evaluate } from '../../policy/evaluate.ts';
import type { Settings } from '../../policy/model/settings.ts';
import type { ClusterSnapshot } from '../../policy/model/snapshot.ts';
import type { Time } from '../../runtime/clock.ts';
import type { LiveCluster } from './live-cluster.ts';
import type { AdmissionObserver } from './observer.ts';
import type { Answer } from './response.ts';
import type { AdmissionRequest } from './review.ts';

/** OnGone calls the listener once no client waits for the answer any more. */
export type OnGone = (listener: () => void) => void;

/**
 * ReviewHandler answers a review by `deadline` (Clock.elapsed). Anything that it throws, except BadRequest, is a bug.
 */
export type ReviewHandler = (request: AdmissionRequest, deadline: number, onGone?: OnGone) => Answer | Promise<Answer>;

/** HandlerContext is the input of handlers. */
export interface HandlerContext {
  readonly evaluate: typeof evaluate;
  readonly gatherSnapshot: () => ClusterSnapshot;
  readonly settings: () => Settings;
  /** Absent if there is only the snapshot: then nothing lags. */
  readonly live?: LiveCluster | undefined;
  readonly clock: Time;
  readonly observer: AdmissionObserver;
}
