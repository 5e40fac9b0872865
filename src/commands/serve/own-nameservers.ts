import { readFile } from 'node:fs/promises';
import { nameserversIn } from '../../policy/dns/nameserver.ts';

/** Policies under which the kubelet gives a pod the cluster's nameserver; ClusterFirst does not under hostNetwork. */
const OF_THE_CLUSTER: ReadonlySet<string> = new Set(['ClusterFirst', 'ClusterFirstWithHostNet']);

/**
 * ownNameservers reads this pod's nameservers, if they are those of the cluster's pods: the chart sets POD_DNS_POLICY
 * for that. An unreadable file counts as none.
 */
export async function ownNameservers(
  env: Readonly<Record<string, string | undefined>>,
  file = '/etc/resolv.conf',
): Promise<readonly string[]> {
  if (!OF_THE_CLUSTER.has(env['POD_DNS_POLICY'] ?? '')) return [];
  return nameserversIn(await readFile(file, 'utf8').catch(() => ''));
}
