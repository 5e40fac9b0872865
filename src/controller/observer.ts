import type { WorkQueueObserver } from '../runtime/work-queue.ts';
import type { NamespaceCondition } from './memory.ts';

/**
 * ReconcileResult is the result of one reconciliation of a namespace: nothing was to be done, something was done, it
 * was put off (a conflict, an adoption's turn), the API server refused it or could not be reached, or the namespace is
 * going.
 */
export type ReconcileResult = 'unchanged' | 'changed' | 'deferred' | 'refused' | 'failed' | 'terminating';

/** Violations counts policies by what they break. */
export interface ViolationCount {
  readonly rule: string;
  readonly level: string;
  readonly count: number;
}

/** NamespaceCount counts namespaces by template and state. */
export interface NamespaceCount {
  readonly template: string;
  readonly state: NamespaceCondition;
  readonly count: number;
}

/** LeaderFacts is what only a leader knows; read whenever metrics are. */
export interface LeaderFacts {
  readonly namespaces: () => readonly NamespaceCount[];
  readonly violations: () => readonly ViolationCount[];
  /** By the queue's name. */
  readonly depths: () => ReadonlyMap<string, number>;
}

/** BaselineObserver is told what the controller does. Its methods must not throw. */
export interface BaselineObserver {
  /** A term has begun, or has ended: undefined. */
  leads(facts: LeaderFacts | undefined): void;
  reconciled(result: ReconcileResult): void;
  /** A policy that someone had changed or deleted was restored. */
  healed(): void;
  /** A stored policy was found to break a rule that its namespace enforces, and did not when it was judged last. */
  violated(rule: string): void;
  /** Someone repeatedly undoes what is healed. */
  conflicted(): void;
  /** A new namespace has its baseline, so many seconds after its creation, which the API server tells to the second. */
  baselineReady(seconds: number): void;
  /** Whether pods use another nameserver than those found; called when that changes. */
  resolverMismatch(isMismatch: boolean): void;
  queue(name: string): WorkQueueObserver;
}
