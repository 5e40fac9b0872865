import type { ObjectRef } from './finding.ts';
import type { Policy } from './policy.ts';

/**
 * Change is what the engine judges. `AUDIT`, for the linter and the scan, judges a stored policy or a file as if
 * everything around it existed and nothing had existed before.
 */
export interface Change {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'AUDIT';
  readonly namespace: string;
  /** The stored object, on UPDATE and DELETE. */
  readonly before?: Policy | undefined;
  /** The submitted object, on CREATE, UPDATE and AUDIT. */
  readonly after?: Policy | undefined;
  /** The submitted object, if it is too large to be read. */
  readonly unread?: Unread | undefined;
  /** Whether an update is known to leave the spec unchanged, byte for byte. */
  readonly isSameSpec?: boolean | undefined;
  /** The requesting user, for exemptions; absent offline. */
  readonly user?: { readonly username: string; readonly groups: readonly string[] } | undefined;
}

/** Unread is what is known of an object that was not read. */
export interface Unread {
  readonly ref: ObjectRef;
  /** Why not, as a clause about the policy. */
  readonly problem: string;
}
