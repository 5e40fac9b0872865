import type { Verdict } from '../../policy/evaluate.ts';
import type { ClusterSnapshot } from '../../policy/model/snapshot.ts';
import { aborted, signalAfter, unlessAborted } from '../../runtime/abort.ts';
import type { Time } from '../../runtime/clock.ts';
import { type Bounds, Shares } from '../../runtime/shares.ts';
import type { LiveCluster } from '../review/live-cluster.ts';
import type { AdmissionObserver, LiveReadOutcome, UnconfirmedReason } from '../review/observer.ts';

/** Denial is a refusal based on cached facts, with what is needed to check again. */
export interface Denial {
  readonly namespace: string;
  /** judge returns the verdict on other facts, as they are when it is this namespace's turn. */
  judge(look: () => ClusterSnapshot): Promise<Verdict>;
  /** By Clock.elapsed. */
  readonly deadline: number;
  readonly graceMs: number;
}

const OUTCOMES = { late: 'failed', busy: 'queue_full' } as const satisfies Record<UnconfirmedReason, LiveReadOutcome>;

/**
 * Waiting takes memory and a place in the queue, with a share for each namespace: a request that loses its place gets
 * the denial.
 */
const PLACES: Bounds = { total: 100, perOwner: 50 };
/** Namespaces read at a time. Refusals in one share a read; made-up names must not exhaust the API server. */
const MAX_NAMESPACES = 32;
/** Kept for the live read that ends a wait, in milliseconds. */
const LAST_READ_MS = 500;

/**
 * createConfirmation checks again before a refusal: by a live read, and if only a DNS carve-out is missing, by waiting
 * for one to arrive. It ends with a verdict on the API server's state, or with the reason why there is none.
 */
export function createConfirmation(
  live: LiveCluster,
  cached: () => ClusterSnapshot,
  clock: Time,
  observer: AdmissionObserver,
): (denial: Denial) => Promise<Verdict | UnconfirmedReason> {
  const places = new Shares<AbortController>(PLACES);
  const reading = new Map<string, number>();

  return async (denial) => {
    const first = await readLive(denial);
    observer.liveRead(typeof first === 'string' ? OUTCOMES[first] : first.denied ? 'confirmed' : 'overturned');
    if (typeof first === 'string' || !first.worthWaiting) return first;
    const place = new AbortController();
    for (const displaced of places.take(place, denial.namespace, 1)) displaced.abort();
    try {
      const last = await waitForCarveOut(denial, first, place.signal);
      observer.graceWait(!last.denied ? 'arrived' : place.signal.aborted ? 'queue_full' : 'timeout');
      return last;
    } finally {
      places.drop(place);
    }
  };

  async function readLive({ namespace, judge, deadline }: Denial): Promise<Verdict | UnconfirmedReason> {
    const sharing = reading.get(namespace) ?? 0;
    if (sharing === 0 && reading.size >= MAX_NAMESPACES) return 'busy';
    reading.set(namespace, sharing + 1);
    try {
      const signal = signalAfter(deadline - clock.elapsed());
      const snapshot = await unlessAborted(live.confirm(namespace, signal), signal).catch(() => undefined);
      return snapshot === undefined ? 'late' : await judge(() => snapshot);
    } finally {
      const left = (reading.get(namespace) ?? 1) - 1;
      if (left === 0) reading.delete(namespace);
      else reading.set(namespace, left);
    }
  }

  async function waitForCarveOut(denial: Denial, confirmed: Verdict, displaced: AbortSignal): Promise<Verdict> {
    const room = denial.deadline - LAST_READ_MS - clock.elapsed();
    const signal = AbortSignal.any([signalAfter(Math.min(denial.graceMs, room)), displaced]);
    while (!signal.aborted) {
      // Listening begins before the look, so that nothing slips between the two.
      const changed = live.onPoliciesChanged(denial.namespace, signal).catch(() => aborted(signal));
      const verdict = await denial.judge(cached);
      if (!verdict.denied) return verdict;
      await unlessAborted(changed, signal).catch(() => undefined);
    }
    if (displaced.aborted) return confirmed;
    const last = await readLive(denial);
    // The first read has confirmed the denial; a missing answer now does not change that.
    return typeof last === 'string' ? confirmed : last;
  }
}
