/** Logger takes one line: its fields, then a constant message. A pino logger is one. */
export interface Logger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Clock tells the time, in milliseconds. */
export interface Clock {
  /** Since the epoch: for what expires. */
  now(): number;
  /** Since any moment, never set back: for durations and deadlines. */
  elapsed(): number;
}

/** Decision is what became of one review, for counting. */
export interface Decision {
  readonly operation: string;
  readonly resource: string;
  readonly allowed: boolean;
  readonly dryRun: boolean;
  readonly seconds: number;
}

/** LiveReadOutcome says what the live read did to a denial. */
export type LiveReadOutcome = 'confirmed' | 'overturned' | 'failed';

/** GraceWaitOutcome says how waiting for a carve-out ended; `skipped` where too many were waiting already. */
export type GraceWaitOutcome = 'arrived' | 'expired' | 'skipped';

/**
 * GateOutcome says what became of a pod that came before its namespace's baseline: the baseline stood in time, or did
 * not; the namespace had held pods back for long enough; too many were waiting already; the client went away.
 */
export type GateOutcome = 'stood' | 'expired' | 'overheld' | 'skipped' | 'left';

/** AdmissionObserver is told what happens at the door. None of it may throw. */
export interface AdmissionObserver {
  decided(decision: Decision): void;
  found(rule: string, effect: string): void;
  /** Requests being read or judged. */
  inFlight(count: number): void;
  /** A bug of ours, answered with 500. */
  panicked(): void;
  /** A request answered with 503. */
  shed(reason: string): void;
  /** A request answered with 4xx. */
  refused(statusCode: number): void;
  liveRead(outcome: LiveReadOutcome): void;
  graceWait(outcome: GraceWaitOutcome): void;
  gateWait(outcome: GateOutcome, seconds: number): void;
  /** A bug of ours, for which a namespace was admitted as it came. */
  unpatched(): void;
}
