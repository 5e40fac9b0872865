import type { Policy } from './model.ts';

/**
 * Change is what the engine judges. `AUDIT` judges a policy that stands (or a file) as if all around it were there and
 * nothing had been there before: the linter's and the scan's question.
 */
export interface Change {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'AUDIT';
  readonly namespace: string;
  /** The stored object, on UPDATE and DELETE. */
  readonly before?: Policy;
  /** The submitted object, on CREATE, UPDATE and AUDIT. */
  readonly after?: Policy;
  /** Who asks, for exemptions; absent offline. */
  readonly user?: { readonly username: string; readonly groups: readonly string[] };
}
