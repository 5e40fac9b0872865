import { BASELINE_LABEL } from '../policy/model/labels.ts';
import type { Settings } from '../policy/model/settings.ts';
import type { NamespaceFacts } from '../policy/model/snapshot.ts';
import { isLeftAlone, mayHaveBaseline } from '../policy/templates/namespace-template.ts';

/** Missing is a namespace without a template that should have one, and why. */
export interface Missing {
  readonly template: string;
  /** `missed`: it was created while no webhook was available to label it. `adopted`: it is older than netpol-guard. */
  readonly why: 'missed' | 'adopted';
}

/**
 * missingLabel decides whether a namespace should get the default template: one that was created at or after
 * `baselineSince` (milliseconds since the epoch; undefined while not known), or, with `adopt`, any. Never if a label is
 * set, whatever its value.
 */
export function missingLabel(
  namespace: NamespaceFacts,
  settings: Settings,
  baselineSince: number | undefined,
): Missing | undefined {
  const { template, existingNamespaces } = settings.baseline;
  if (template === undefined || baselineSince === undefined || namespace.createdAt === undefined) return undefined;
  const { name, labels } = namespace;
  if (labels.has(BASELINE_LABEL) || !mayHaveBaseline(name, settings) || isLeftAlone(name, settings)) return undefined;
  if (namespace.createdAt >= baselineSince) return { template: template.name, why: 'missed' };
  return existingNamespaces === 'adopt' ? { template: template.name, why: 'adopted' } : undefined;
}

/**
 * Adopting a namespace writes three objects and changes the allowed traffic of its pods; a mistake must not spread
 * everywhere at once.
 */
const ADOPTION_MS = 200;

/** Adoptions gives each namespace a turn to be adopted, five a second. Pure: times are milliseconds, never set back. */
export class Adoptions {
  private readonly turns = new Map<string, number>();
  private last = Number.NEGATIVE_INFINITY;

  /** waitMs returns how long from `now` the namespace has to wait; once that is 0 its turn is used up. */
  waitMs(namespace: string, now: number): number {
    const turn = this.turns.get(namespace) ?? Math.max(now, this.last + ADOPTION_MS);
    if (turn <= now) {
      this.turns.delete(namespace);
      this.last = Math.max(this.last, turn);
      return 0;
    }
    this.turns.set(namespace, turn);
    this.last = Math.max(this.last, turn);
    return turn - now;
  }

  forget(namespace: string): void {
    this.turns.delete(namespace);
  }
}
