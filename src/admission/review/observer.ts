/** ReviewOutcome is the outcome of one review, for metrics. */
export interface ReviewOutcome {
  readonly operation: string;
  readonly resource: string;
  readonly allowed: boolean;
  readonly dryRun: boolean;
  readonly seconds: number;
}

/**
 * LIVE_READ_OUTCOMES are what a live read may do to a denial; `queue_full` if too many namespaces were already being
 * read.
 */
export const LIVE_READ_OUTCOMES = ['confirmed', 'overturned', 'failed', 'queue_full'] as const;
/** LiveReadOutcome is one of LIVE_READ_OUTCOMES. */
export type LiveReadOutcome = (typeof LIVE_READ_OUTCOMES)[number];

/** UNCONFIRMED_REASONS say why a denial was not confirmed: the live read was `late`, or `busy` with other namespaces. */
export const UNCONFIRMED_REASONS = ['late', 'busy'] as const;
/** UnconfirmedReason is one of UNCONFIRMED_REASONS. */
export type UnconfirmedReason = (typeof UNCONFIRMED_REASONS)[number];

/** GRACE_WAIT_OUTCOMES are how waiting for a carve-out may end; `queue_full` if another one took the place. */
export const GRACE_WAIT_OUTCOMES = ['arrived', 'timeout', 'queue_full'] as const;
/** GraceWaitOutcome is one of GRACE_WAIT_OUTCOMES. */
export type GraceWaitOutcome = (typeof GRACE_WAIT_OUTCOMES)[number];

/**
 * GATE_OUTCOMES are the possible outcomes for a pod that was created before its namespace's baseline: the baseline was
 * ready in time, or it was not; the namespace had held pods back for as long as it may; too many pods waited or too
 * much was already being read; the client disconnected.
 */
export const GATE_OUTCOMES = ['ready', 'timeout', 'hold_limit_exceeded', 'queue_full', 'client_gone'] as const;
/** GateOutcome is one of GATE_OUTCOMES. */
export type GateOutcome = (typeof GATE_OUTCOMES)[number];

/**
 * INTERNAL_ERROR_KINDS are the effects of an internal error: a `review` was answered with 500, or a namespace was
 * admitted without its `labels`.
 */
export const INTERNAL_ERROR_KINDS = ['review', 'labels'] as const;
/** InternalErrorKind is one of INTERNAL_ERROR_KINDS. */
export type InternalErrorKind = (typeof INTERNAL_ERROR_KINDS)[number];

/**
 * CutReason is why a connection may be closed early: it was idle and others needed its place; too much data waited for
 * clients; its request did not arrive in time, or its answer was not read in time.
 */
export type CutReason = 'connections' | 'bytes' | 'body' | 'answer';

/** AdmissionObserver is told about the webhook's requests. Its methods must not throw. */
export interface AdmissionObserver {
  decided(decision: ReviewOutcome): void;
  found(rule: string, effect: string): void;
  /** Requests being read or judged. */
  inFlight(count: number): void;
  /** An internal error occurred. */
  internalError(kind: InternalErrorKind): void;
  /** A request rejected for now, with 503 or 429. */
  shed(reason: string): void;
  /** A connection was closed. */
  cutOff(reason: CutReason): void;
  /** A request answered with 4xx. */
  refused(statusCode: number): void;
  liveRead(outcome: LiveReadOutcome): void;
  /** A change that would be refused was answered with 429. */
  unconfirmed(reason: UnconfirmedReason): void;
  graceWait(outcome: GraceWaitOutcome): void;
  gateWait(outcome: GateOutcome, seconds: number): void;
}
