/** ReviewOutcome is what became of one review, for counting. */
export interface ReviewOutcome {
  readonly operation: string;
  readonly resource: string;
  readonly allowed: boolean;
  readonly dryRun: boolean;
  readonly seconds: number;
}

/** LIVE_READ_OUTCOMES are what a live read may do to a denial; `queue_full` where too many namespaces were being read already. */
export const LIVE_READ_OUTCOMES = ['confirmed', 'overturned', 'failed', 'queue_full'] as const;
/** LiveReadOutcome is one of LIVE_READ_OUTCOMES. */
export type LiveReadOutcome = (typeof LIVE_READ_OUTCOMES)[number];

/** UNCONFIRMED_REASONS say why a denial was not confirmed: the live read was `late`, or `busy` with other namespaces. */
export const UNCONFIRMED_REASONS = ['late', 'busy'] as const;
/** UnconfirmedReason is one of UNCONFIRMED_REASONS. */
export type UnconfirmedReason = (typeof UNCONFIRMED_REASONS)[number];

/** GRACE_WAIT_OUTCOMES are how waiting for a carve-out may end; `queue_full` where another one came for the place. */
export const GRACE_WAIT_OUTCOMES = ['arrived', 'timeout', 'queue_full'] as const;
/** GraceWaitOutcome is one of GRACE_WAIT_OUTCOMES. */
export type GraceWaitOutcome = (typeof GRACE_WAIT_OUTCOMES)[number];

/**
 * GATE_OUTCOMES are what may become of a pod that came before its namespace's baseline: the baseline was ready in time, or
 * was not; the namespace had held pods back for as long as it may; too many waited, and another pod came, or too much was
 * being read already; the client went away.
 */
export const GATE_OUTCOMES = ['ready', 'timeout', 'hold_limit_exceeded', 'queue_full', 'client_gone'] as const;
/** GateOutcome is one of GATE_OUTCOMES. */
export type GateOutcome = (typeof GATE_OUTCOMES)[number];

/**
 * INTERNAL_ERROR_KINDS are what a bug of ours may do: a `review` was answered with 500, or a namespace was admitted without
 * its `labels`.
 */
export const INTERNAL_ERROR_KINDS = ['review', 'labels'] as const;
/** InternalErrorKind is one of INTERNAL_ERROR_KINDS. */
export type InternalErrorKind = (typeof INTERNAL_ERROR_KINDS)[number];

/**
 * CutReason is why a connection may be ended before its time: others came and it did nothing; what waited for clients was
 * too much; its request did not arrive, or its answer was not read, in time.
 */
export type CutReason = 'connections' | 'bytes' | 'body' | 'answer';

/** AdmissionObserver hears what happens at the door. None of it may throw. */
export interface AdmissionObserver {
  decided(decision: ReviewOutcome): void;
  found(rule: string, effect: string): void;
  /** Requests being read or judged. */
  inFlight(count: number): void;
  /** A bug of ours was met. */
  internalError(kind: InternalErrorKind): void;
  /** A request turned away for now, with 503 or 429. */
  shed(reason: string): void;
  /** A connection was ended. */
  cutOff(reason: CutReason): void;
  /** A request answered with 4xx. */
  refused(statusCode: number): void;
  liveRead(outcome: LiveReadOutcome): void;
  /** A change that would be refused was answered with 429. */
  unconfirmed(reason: UnconfirmedReason): void;
  graceWait(outcome: GraceWaitOutcome): void;
  gateWait(outcome: GateOutcome, seconds: number): void;
}
