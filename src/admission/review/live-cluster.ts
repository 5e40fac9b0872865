import type { ClusterSnapshot } from '../../policy/model/snapshot.ts';

/** LiveCluster asks the API server itself, since the caches may lag. */
export interface LiveCluster {
  /** confirm reads the namespace and its policies now; all else in the snapshot is the caches'. */
  confirm(namespace: string, signal: AbortSignal): Promise<ClusterSnapshot>;
  /** onPoliciesChanged ends when a cached policy of the namespace changes next, or the signal fires. */
  onPoliciesChanged(namespace: string, signal: AbortSignal): Promise<void>;
}
