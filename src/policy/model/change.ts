import type { ObjectRef } from './finding.ts';
import type { Policy } from './policy.ts';

/**
 * Change is what the engine judges. `AUDIT` judges a stored policy (or a file) as if all around it were there and
 * nothing had been there before: the linter's and the scan's question.
 */
export interface Change {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'AUDIT';
  readonly namespace: string;
  /** The stored object, on UPDATE and DELETE. */
  readonly before?: Policy | undefined;
  /** The submitted object, on CREATE, UPDATE and AUDIT. */
  readonly after?: Policy | undefined;
  /** The submitted object, where it is too large to be read. */
  readonly unread?: Unread | undefined;
  /** Holds where an update is known to leave the spec as it is, to the letter. */
  readonly isSameSpec?: boolean | undefined;
  /** Who asks, for exemptions; absent offline. */
  readonly user?: { readonly username: string; readonly groups: readonly string[] } | undefined;
}

/** Unread is what is known of an object that was not read. */
export interface Unread {
  readonly ref: ObjectRef;
  /** Why not, as a clause about the policy. */
  readonly problem: string;
}
