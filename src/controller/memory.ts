import type { NamespaceFacts } from '../policy/model/snapshot.ts';
import type { ApplyAnswer, State } from './decide.ts';

/** RememberedAnswer also tells in which version the policy was stored. */
export interface RememberedAnswer extends ApplyAnswer {
  readonly resourceVersion: string;
}

/**
 * NamespaceCondition is the state of a namespace: `pending` before its first turn, `failing` while the API server
 * accepts no writes.
 */
export type NamespaceCondition = State | 'pending' | 'failing';

/** NamespaceRecord is what a leader remembers of a namespace; it can be lost without harm. */
export interface NamespaceRecord {
  readonly uid: string | undefined;
  readonly answers: Map<string, RememberedAnswer>;
  readonly foreign: Set<string>;
  /** The Namespace whose labels were changed last, as the cache had it then. */
  patched: NamespaceFacts | undefined;
  template: string;
  condition: NamespaceCondition;
  /** Its obstacle, and what the API server refused, as last reported. */
  obstacle: string;
  refusal: string;
  /** Since when the API server has been refusing, in milliseconds since any moment; undefined while it does not. */
  refusedSince: number | undefined;
  /** Whether it was ever seen to want no baseline. */
  wentWithout: boolean;
  /** Whether its baseline was made in this term, from nothing. */
  isMade: boolean;
  hasStood: boolean;
}

/** Memory keeps a record of each namespace for one term of leading. */
export class Memory {
  private readonly records = new Map<string, NamespaceRecord>();

  /** of returns the namespace's record: a new one if there was another namespace of that name before. */
  of({ name, uid }: NamespaceFacts): NamespaceRecord {
    const known = this.records.get(name);
    if (known !== undefined && known.uid === uid) return known;
    const record: NamespaceRecord = {
      uid,
      answers: new Map(),
      foreign: new Set(),
      patched: undefined,
      template: '',
      condition: 'pending',
      obstacle: '',
      refusal: '',
      refusedSince: undefined,
      wentWithout: false,
      isMade: false,
      hasStood: false,
    };
    this.records.set(name, record);
    return record;
  }

  forget(namespace: string): void {
    this.records.delete(namespace);
  }

  all(): Iterable<NamespaceRecord> {
    return this.records.values();
  }
}
