import { cut, plain } from '../../objects/plain-text.ts';
import { PENDING, STATUS_LABEL } from '../../policy/model/labels.ts';
import type { ClusterSnapshot } from '../../policy/model/snapshot.ts';
import { policiesToWaitFor } from '../../policy/templates/gate.ts';
import { signalAfter } from '../../runtime/abort.ts';
import { type Bounds, Shares } from '../../runtime/shares.ts';
import { BadRequest } from '../review/bad-request.ts';
import type { HandlerContext, OnGone, ReviewHandler } from '../review/handler.ts';
import { warningLines } from '../review/message.ts';
import type { GateOutcome } from '../review/observer.ts';
import { type Answer, allowed, tryLater, withWarnings } from '../review/response.ts';
import { type AdmissionRequest, demandKind, forgetObjects } from '../review/review.ts';
import { FirstAsked } from './first-seen.ts';
import { ReadPlaces } from './read-places.ts';

/** NamespaceNews tells when to look at a namespace again. */
export interface NamespaceNews {
  /** onNamespaceChanged ends when the cached Namespace or a cached policy in it changes next, or the signal fires. */
  onNamespaceChanged(namespace: string, signal: AbortSignal): Promise<void>;
}

/** A reconcile takes some milliseconds; a client that has waited for so long is to come again. */
const MAX_WAIT_MS = 2000;
/** Waiting takes a place among the requests in hand: a burst of pods must leave most of them to others. */
const PLACES: Bounds = { total: 200, perOwner: 100 };
/** Caches hear of a new namespace within milliseconds; of one that is not there, nothing ever. */
const MAX_WAIT_FOR_NAMESPACE_MS = 500;
/** Places of their own, so that questions about namespaces that are not there are in no other's way. */
const PLACES_FOR_NAMESPACES: Bounds = { total: 50, perOwner: 10 };

/** Namespaces read at a time, as for refusals: a client that names many must not exhaust the API server. */
const MAX_NAMESPACES_READ = 32;

/** Why a wait may end before its time: another one came for its place, or the client has gone. */
const DISPLACED = Symbol('displaced');
const GONE = Symbol('gone');

interface Wait {
  readonly news: NamespaceNews;
  readonly namespace: string;
  readonly onGone: OnGone | undefined;
}

/** What a namespace waits for while the caches do not know it. */
const THE_NAMESPACE: readonly string[] = ['news of the namespace'];

/**
 * createGateHandler answers reviews of Pods in namespaces that are pending: they wait for the policies of the baseline,
 * for two seconds at most, and are to come again where these are not there by then. A namespace holds its pods back
 * for `gate.maxHold` in all. Without `news` the snapshot holds still, and nothing is waited for. Where too many wait, the one
 * that has waited longest in the namespace with most of them is to come again, so that no namespace holds up another.
 *
 * The API server asks about pods of pending namespaces alone. Where the caches say that there is nothing to wait for, they
 * may still show a namespace of that name that is gone, with its policies: so the API server is asked before a pod is let in.
 * Where it is being asked about too many namespaces, the pod waits in line, and is to come again.
 */
export function createGateHandler(judging: HandlerContext, news?: NamespaceNews): ReviewHandler {
  const { settings, gatherSnapshot, clock, observer, live } = judging;
  const firstAsked = new FirstAsked();
  const readPlaces = new ReadPlaces(MAX_NAMESPACES_READ);
  const places = new Shares<AbortController>(PLACES);
  const placesForNamespaces = new Shares<AbortController>(PLACES_FOR_NAMESPACES);

  return async (request, deadline, onGone) => {
    const { namespace, dryRun } = demandPod(request);
    forgetObjects(request);
    // A dry run stores nothing, and the pod that it is a trial of will be admitted.
    if (dryRun || !settings().gate.enabled) return allowed();
    const atOnce = await answerAtOnce(namespace, deadline);
    if (atOnce !== undefined) return atOnce;
    if (news === undefined) return answer('expired', namespace);
    const started = clock.elapsed();
    const wait: Wait = { news, namespace, onGone };
    const known = isKnown(namespace) ? 'stood' : await waitUntilKnown(wait, roomUntil(deadline));
    const outcome = known === 'stood' ? await waitUntilStanding(wait, roomUntil(deadline)) : known;
    return answer(outcome, namespace, clock.elapsed() - started);
  };

  /** Where the caches say that nothing is missing, or that pods were held for too long; undefined where there is more to wait for. */
  async function answerAtOnce(namespace: string, deadline: number): Promise<Answer | undefined> {
    const cached = gatherSnapshot();
    const isSettled = missingIn(cached, namespace).length === 0;
    if (!isSettled && !isOverheld(cached, namespace)) return undefined;
    const seen = await look(namespace, signalAfter(roomUntil(deadline)));
    if (seen === 'busy') return answer('skipped', namespace);
    if (seen !== undefined && missingIn(seen, namespace).length === 0) return allowed();
    const known = seen ?? (isSettled ? undefined : cached);
    return known !== undefined && isOverheld(known, namespace) ? answer('overheld', namespace) : undefined;
  }

  function waitUntilKnown(wait: Wait, room: number): Promise<GateOutcome> {
    const milliseconds = Math.min(room, MAX_WAIT_FOR_NAMESPACE_MS);
    return waitFor(wait, placesForNamespaces, milliseconds, () => isKnown(wait.namespace));
  }

  function waitUntilStanding(wait: Wait, room: number): Promise<GateOutcome> {
    return waitFor(wait, places, room, (signal) => stands(wait.namespace, signal));
  }

  async function waitFor(
    { news, namespace, onGone }: Wait,
    places: Shares<AbortController>,
    milliseconds: number,
    isOver: (signal: AbortSignal) => boolean | Promise<boolean>,
  ): Promise<GateOutcome> {
    const end = new AbortController();
    for (const displaced of places.take(end, namespace, 1)) displaced.abort(DISPLACED);
    onGone?.(() => end.abort(GONE));
    const signal = AbortSignal.any([end.signal, signalAfter(milliseconds)]);
    try {
      while (!signal.aborted) {
        // Listening begins before the look, so that nothing slips between the two.
        const changed = news.onNamespaceChanged(namespace, signal);
        if (await isOver(signal)) return 'stood';
        await changed;
      }
      if (signal.reason === GONE) return 'left';
      return signal.reason === DISPLACED ? 'skipped' : 'expired';
    } finally {
      places.drop(end);
      end.abort();
    }
  }

  function roomUntil(deadline: number): number {
    return Math.min(MAX_WAIT_MS, Math.max(0, deadline - clock.elapsed()));
  }

  async function stands(namespace: string, signal: AbortSignal): Promise<boolean> {
    if (missingIn(gatherSnapshot(), namespace).length > 0) return false;
    const seen = await look(namespace, signal);
    return seen !== undefined && seen !== 'busy' && missingIn(seen, namespace).length === 0;
  }

  /** What the API server says of the namespace now; undefined where it does not say it in time. */
  async function look(namespace: string, signal: AbortSignal): Promise<ClusterSnapshot | 'busy' | undefined> {
    if (live === undefined) return gatherSnapshot();
    return readPlaces.during(namespace, signal, () => live.confirm(namespace, signal).catch(() => undefined));
  }

  function isKnown(namespace: string): boolean {
    return gatherSnapshot().namespace(namespace)?.terminating === false;
  }

  /** A namespace of that name that is going is not the one in which something is created. */
  function missingIn(snapshot: ClusterSnapshot, name: string): readonly string[] {
    const facts = snapshot.namespace(name);
    if (facts === undefined || facts.terminating) return THE_NAMESPACE;
    if (facts.labels.get(STATUS_LABEL) !== PENDING) return [];
    const policies = snapshot.policies(name);
    return policiesToWaitFor(facts, snapshot, settings()).flatMap((policy) =>
      policies.get(policy.name)?.managed === undefined ? [policy.name] : [],
    );
  }

  function isOverheld(snapshot: ClusterSnapshot, name: string): boolean {
    const now = clock.now();
    const facts = snapshot.namespace(name);
    const createdAt = facts?.terminating === false ? facts.createdAt : undefined;
    if (createdAt !== undefined) firstAsked.forget(name);
    return now - (createdAt ?? firstAsked.since(name, now)) >= settings().gate.maxHoldMs;
  }

  function answer(outcome: GateOutcome, namespace: string, milliseconds = 0): Answer {
    observer.gateWait(outcome, milliseconds / 1000);
    if (outcome === 'stood') return allowed();
    const missing = missingIn(gatherSnapshot(), namespace).join(', ') || THE_NAMESPACE.join();
    if (outcome !== 'overheld') return tryLater(...notYet(namespace, missing));
    const held = `${settings().gate.maxHoldMs / 1000} s`;
    return withWarnings(allowed(), warningLines([`admitted before the baseline stands, after ${held}: no ${missing}`]));
  }
}

function notYet(namespace: string, missing: string): Parameters<typeof tryLater> {
  const name = cut(plain(namespace), 253);
  const message = `the baseline of namespace ${name} does not stand yet, no ${missing}; try again in a second`;
  return [`metadata.namespace: ${message}`, [{ reason: 'BaselinePending', message, field: 'metadata.namespace' }]];
}

function demandPod(request: AdmissionRequest): AdmissionRequest {
  demandKind(request, 'Pod');
  if (request.namespace === '') throw new BadRequest(400, 'request.namespace: missing; a Pod belongs to a namespace');
  if (request.operation === 'CREATE') return request;
  throw new BadRequest(400, `request.operation: is ${request.operation}; the creation of a Pod alone is held back`);
}
