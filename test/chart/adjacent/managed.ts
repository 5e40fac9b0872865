import { isWrite } from '../../harness/audit-log.ts';
import { OURSELVES } from '../../harness/release.ts';
import type { ChartCluster } from '../chart-cluster.ts';

/** Managed follows the policies of baselines that stand. */
export interface Managed {
  /** What has become of each of them since, in order: a change of anything that is stored is one. */
  readonly changes: readonly string[];
  /** What netpol-guard asked to write there since, a line for each request: one that changes nothing counts too. */
  writes(): readonly string[];
}

/** followManaged follows what stands in these namespaces, as it is now. */
export async function followManaged(cluster: ChartCluster, namespaces: readonly string[]): Promise<Managed> {
  const since = new Date();
  const changes: string[] = [];
  await cluster.api.watch('/apis/networking.k8s.io/v1/networkpolicies', ({ type, object }) => {
    if (namespaces.includes(object.metadata.namespace ?? '')) changes.push(`${type} ${JSON.stringify(object)}`);
  });
  return {
    changes,
    writes: () =>
      cluster
        .auditLog()
        .filter((event) => new Date(event.requestReceivedTimestamp) >= since && isWrite(event))
        .filter(({ user, objectRef }) => user.username === OURSELVES && objectRef?.resource === 'networkpolicies')
        .filter(({ objectRef }) => namespaces.includes(objectRef?.namespace ?? ''))
        .map(({ verb, objectRef }) => `${verb} ${objectRef?.namespace}/${objectRef?.name}`),
  };
}
