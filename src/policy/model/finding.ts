import type { Fix } from './fix.ts';
import type { RulesVersion } from './rules-version.ts';

/** Level is the enforcement level from which a rule applies: `advice` is never more than a warning. */
export type Level = 'standard' | 'strict' | 'advice';

/** Effect is what a finding does to a request: refuse it, print a warning, or only go to the audit log. */
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
   * What the object or its deletion does: `cuts pods app=web off from DNS`. At most some fifty characters, without a
   * full stop.
   */
  readonly headline: string;
  /** Why, with its values, in a sentence or two. */
  readonly why: string;
  /** Everything in one line, without a full stop and without the rule's id, for places where nothing else fits. */
  readonly short: string;
  readonly fix: Fix;
  /** Whether the change makes it worse. An existing fault is warned of, never denied. */
  readonly blamed: boolean;
  /** Why the verdict is not certain, as a clause; such findings are warned of, never denied. */
  readonly uncertain?: string | undefined;
  /** Never denies, whatever the level: a fault that the settings tolerate. */
  readonly tolerated?: boolean | undefined;
  /**
   * The version that introduced this check, if it is stricter than the original rule: under an older `rulesVersion` it
   * only warns.
   */
  readonly since?: RulesVersion | undefined;
  /** Overrides the rule's own level. */
  readonly level?: Level | undefined;
}

/** Finding is one fault of one object, with what it does to the request. */
export interface Finding extends Issue {
  readonly rule: string;
  readonly level: Level;
  readonly effect: Effect;
  readonly object: ObjectRef;
  /** Whether the fault is the deletion of the object. */
  readonly isDeletion: boolean;
  /** Address of the rule's page. */
  readonly docs: string;
}

/** MAX_FINDINGS is the limit of denying findings for one rule, and also of the others. */
export const MAX_FINDINGS = 50;
