import { cut, plain } from '../../objects/plain-text.ts';
import { PENDING, STATUS_LABEL } from '../../policy/model/labels.ts';
import type { ClusterSnapshot } from '../../policy/model/snapshot.ts';
import { policiesToWaitFor } from '../../policy/templates/gate.ts';
import { signalAfter } from '../../runtime/abort.ts';
import type { Bounds } from '../../runtime/shares.ts';
import { BadRequest } from '../review/bad-request.ts';
import type { HandlerContext, OnGone, ReviewHandler } from '../review/handler.ts';
import { warningLines } from '../review/message.ts';
import type { GateOutcome } from '../review/observer.ts';
import { type Answer, allowed, tryLater, withWarnings } from '../review/response.ts';
import { type AdmissionRequest, demandKind, forgetObjects } from '../review/review.ts';
import { FirstSeen } from './first-seen.ts';
import { ReadPlaces } from './read-places.ts';
import { type NamespaceNews, WaitingRoom } from './waiting-room.ts';

/** A reconcile takes some milliseconds; a client that has waited this long must retry. */
const MAX_WAIT_MS = 2000;
/** Waiting takes a place among the requests in progress: a burst of pods must leave most of them to others. */
const PLACES: Bounds = { total: 200, perOwner: 100 };
/** Caches learn of a new namespace within milliseconds, and never of one that does not exist. */
const MAX_WAIT_FOR_NAMESPACE_MS = 500;
/** Separate places, so that requests about namespaces that do not exist block no others. */
const PLACES_FOR_NAMESPACES: Bounds = { total: 50, perOwner: 10 };

/** Namespaces read at a time, as for refusals: a client that names many must not exhaust the API server. */
const MAX_NAMESPACES_READ = 32;

/** What a namespace waits for while the caches do not contain it. */
const THE_NAMESPACE: readonly string[] = ['the namespace to appear in the cache'];

/**
 * createGateHandler answers reviews of Pods in namespaces that are pending: they wait for the policies of the baseline,
 * for two seconds at most, and must retry if these do not exist by then. A namespace holds its pods back for
 * `gate.maxHold` in total. Without `news` the snapshot does not change, and there is nothing to wait for.
 *
 * The API server only sends pods of pending namespaces. If the caches show nothing to wait for, they may still show a
 * deleted namespace of the same name with its policies, so the API server is asked before a pod is admitted. If too
 * many namespaces are being read, the pod waits in line and must retry.
 */
export function createGateHandler(context: HandlerContext, news?: NamespaceNews): ReviewHandler {
  const gate = new Gate(context, news);
  return async (request, deadline, onGone) => {
    const { namespace, dryRun } = demandPod(request);
    forgetObjects(request);
    // A dry run stores nothing, and the real pod will be admitted later.
    if (dryRun || !context.settings().gate.enabled) return allowed();
    return gate.pass(namespace, deadline, onGone);
  };
}

interface WaitingRooms {
  /** For what exists in a namespace. */
  readonly standing: WaitingRoom;
  /** For namespaces that the caches do not contain yet. */
  readonly known: WaitingRoom;
}

class Gate {
  private readonly context: HandlerContext;
  private readonly rooms: WaitingRooms | undefined;
  private readonly firstSeen = new FirstSeen();
  private readonly readPlaces = new ReadPlaces(MAX_NAMESPACES_READ);

  constructor(context: HandlerContext, news: NamespaceNews | undefined) {
    this.context = context;
    this.rooms = news && {
      standing: new WaitingRoom(news, PLACES),
      known: new WaitingRoom(news, PLACES_FOR_NAMESPACES),
    };
  }

  async pass(namespace: string, deadline: number, onGone: OnGone | undefined): Promise<Answer> {
    const atOnce = await this.answerAtOnce(namespace, deadline);
    if (atOnce !== undefined) return atOnce;
    if (this.rooms === undefined) return this.answer('timeout', namespace);
    const { clock } = this.context;
    const started = clock.elapsed();
    const outcome = await this.wait(this.rooms, { namespace, onGone }, deadline);
    return this.answer(outcome, namespace, clock.elapsed() - started);
  }

  /**
   * The answer if the caches show that nothing is missing, or that pods were held for too long; undefined if there is
   * more to wait for.
   */
  private async answerAtOnce(namespace: string, deadline: number): Promise<Answer | undefined> {
    const cached = this.context.gatherSnapshot();
    const isSettled = this.missingIn(cached, namespace).length === 0;
    if (!isSettled && !this.isHeldTooLong(cached, namespace)) return undefined;
    const seen = await this.look(namespace, signalAfter(this.roomUntil(deadline)));
    if (seen === 'busy') return this.answer('queue_full', namespace);
    if (seen !== undefined && this.missingIn(seen, namespace).length === 0) return allowed();
    const known = seen ?? (isSettled ? undefined : cached);
    return known !== undefined && this.isHeldTooLong(known, namespace)
      ? this.answer('hold_limit_exceeded', namespace)
      : undefined;
  }

  private async wait(
    rooms: WaitingRooms,
    pod: { readonly namespace: string; readonly onGone: OnGone | undefined },
    deadline: number,
  ): Promise<GateOutcome> {
    const { namespace } = pod;
    if (!this.isKnown(namespace)) {
      const milliseconds = Math.min(this.roomUntil(deadline), MAX_WAIT_FOR_NAMESPACE_MS);
      const known = await rooms.known.hold({ ...pod, milliseconds, isOver: () => this.isKnown(namespace) });
      if (known !== 'ready') return known;
    }
    const isOver = (signal: AbortSignal) => this.stands(namespace, signal);
    return rooms.standing.hold({ ...pod, milliseconds: this.roomUntil(deadline), isOver });
  }

  private roomUntil(deadline: number): number {
    return Math.min(MAX_WAIT_MS, Math.max(0, deadline - this.context.clock.elapsed()));
  }

  private async stands(namespace: string, signal: AbortSignal): Promise<boolean> {
    if (this.missingIn(this.context.gatherSnapshot(), namespace).length > 0) return false;
    const seen = await this.look(namespace, signal);
    return seen !== undefined && seen !== 'busy' && this.missingIn(seen, namespace).length === 0;
  }

  /** The namespace as the API server has it now; undefined if it does not answer in time. */
  private async look(namespace: string, signal: AbortSignal): Promise<ClusterSnapshot | 'busy' | undefined> {
    const { live, gatherSnapshot } = this.context;
    if (live === undefined) return gatherSnapshot();
    return this.readPlaces.during(namespace, signal, () => live.confirm(namespace, signal).catch(() => undefined));
  }

  private isKnown(namespace: string): boolean {
    return this.context.gatherSnapshot().namespace(namespace)?.terminating === false;
  }

  /** A namespace of that name that is being deleted is not the one in which something is created. */
  private missingIn(snapshot: ClusterSnapshot, name: string): readonly string[] {
    const facts = snapshot.namespace(name);
    if (facts === undefined || facts.terminating) return THE_NAMESPACE;
    if (facts.labels.get(STATUS_LABEL) !== PENDING) return [];
    const policies = snapshot.policies(name);
    return policiesToWaitFor(facts, snapshot, this.context.settings()).flatMap((policy) =>
      policies.get(policy.name)?.managed === undefined ? [policy.name] : [],
    );
  }

  private isHeldTooLong(snapshot: ClusterSnapshot, name: string): boolean {
    const now = this.context.clock.now();
    const facts = snapshot.namespace(name);
    const createdAt = facts?.terminating === false ? facts.createdAt : undefined;
    if (createdAt !== undefined) this.firstSeen.forget(name);
    return now - (createdAt ?? this.firstSeen.since(name, now)) >= this.context.settings().gate.maxHoldMs;
  }

  private answer(outcome: GateOutcome, namespace: string, milliseconds = 0): Answer {
    const { observer, gatherSnapshot, settings } = this.context;
    observer.gateWait(outcome, milliseconds / 1000);
    if (outcome === 'ready') return allowed();
    const missing = this.missingIn(gatherSnapshot(), namespace).join(', ') || THE_NAMESPACE.join();
    if (outcome !== 'hold_limit_exceeded') return tryLater(...notYet(namespace, missing));
    const held = `${settings().gate.maxHoldMs / 1000} s`;
    return withWarnings(
      allowed(),
      warningLines([`admitted without its baseline after ${held}: ${missing} is still missing`]),
    );
  }
}

function notYet(namespace: string, missing: string): Parameters<typeof tryLater> {
  const name = cut(plain(namespace), 253);
  const message = `namespace ${name} is still being set up (waiting for ${missing}); retry in a second`;
  return [`metadata.namespace: ${message}`, [{ reason: 'BaselinePending', message, field: 'metadata.namespace' }]];
}

function demandPod(request: AdmissionRequest): AdmissionRequest {
  demandKind(request, 'Pod');
  if (request.namespace === '') throw new BadRequest(400, 'request.namespace: missing; a Pod belongs to a namespace');
  if (request.operation === 'CREATE') return request;
  throw new BadRequest(400, `request.operation: is ${request.operation}; only the creation of a Pod is held back`);
}
