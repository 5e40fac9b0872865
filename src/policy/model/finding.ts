import type { Fix } from './fix.ts';

/** Level is how much a namespace must ask for before a rule applies: `advice` is never more than a warning. */
export type Level = 'standard' | 'strict' | 'advice';

/** Effect is what a finding does to a request: refuse it, print a warning, or go to the audit log alone. */
export type Effect = 'deny' | 'warn' | 'audit';

/** ObjectRef names the object that a finding is about. */
export interface ObjectRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  /** Absent under `generateName`. */
  readonly name?: string | undefined;
}

/** Issue is what a rule's check returns; `evaluate` makes it a Finding. */
export interface Issue {
  /** Path into the object, such as `spec.egress[0].to[1]`. */
  readonly path: string;
  /**
   * What the object does, or what deleting it does: `cuts pods app=web off from DNS`. At most some fifty characters, without
   * a full stop.
   */
  readonly headline: string;
  /** Why, with its values, in a sentence or two. */
  readonly why: string;
  /** All of it in one line, without its full stop and without the rule's id, for where nothing else fits. */
  readonly short: string;
  readonly fix: Fix;
  /** Whether the change makes it worse. What was there before is warned of, never denied. */
  readonly blamed: boolean;
  /** Why the verdict is not certain, as a clause; such findings are warned of, never denied. */
  readonly uncertain?: string | undefined;
  /** Never denies, whatever the level: a fault that the settings tolerate. */
  readonly tolerated?: boolean | undefined;
  /** Counts instead of the rule's own level. */
  readonly level?: Level | undefined;
}

/** Finding is one fault of one object, with what it does to the request. */
export interface Finding extends Issue {
  readonly rule: string;
  readonly level: Level;
  readonly effect: Effect;
  readonly object: ObjectRef;
  /** Holds where it is the deletion of the object that is wrong. */
  readonly isDeletion: boolean;
  /** Address of the rule's page. */
  readonly docs: string;
}

/** MAX_FINDINGS is how many findings of one rule that deny are enough; of the others as many. */
export const MAX_FINDINGS = 50;
