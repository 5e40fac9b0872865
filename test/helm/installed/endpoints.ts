import type { Cluster } from '../../cluster/cluster.ts';
import { RELEASE } from '../../harness/release.ts';
import type { Replica } from './release.ts';

/** Endpoints follows which replicas kube-proxy leads calls to. */
export interface Endpoints {
  /** When a replica was taken out since that moment, in milliseconds since the epoch. */
  outSince(replica: Replica, moment: number): number | undefined;
}

interface Slice {
  readonly metadata: { readonly labels?: Readonly<Record<string, string>> };
  /** `null` where there are none. */
  readonly endpoints:
    | readonly { readonly addresses: readonly string[]; readonly conditions: { readonly ready?: boolean } }[]
    | null;
}

const SLICES = `/apis/discovery.k8s.io/v1/namespaces/${RELEASE.namespace}/endpointslices`;

/** followEndpoints notes every change to the endpoints of netpol-guard's Service, until the client is closed. */
export async function followEndpoints({ api }: Pick<Cluster, 'api'>): Promise<Endpoints> {
  const seen: { readonly at: number; readonly ready: readonly string[] }[] = [];
  await api.watch(SLICES, ({ object }) => {
    const { metadata, endpoints } = object as unknown as Slice;
    if (metadata.labels?.['kubernetes.io/service-name'] !== RELEASE.name) return;
    const ready = (endpoints ?? [])
      .filter(({ conditions }) => conditions.ready !== false)
      .flatMap(({ addresses }) => addresses);
    seen.push({ at: Date.now(), ready });
  });
  return {
    outSince: ({ status }, moment) =>
      seen.find(({ at, ready }) => at >= moment && !ready.includes(status.podIP ?? ''))?.at,
  };
}
