import type { DnsFindings } from './dns-report.ts';
import { ownNameservers } from './own-nameservers.ts';
import type { ClusterFacts } from './snapshot-source.ts';

/** dnsFindings collects what is known of cluster DNS once everything has synced. */
export async function dnsFindings(
  { cluster, snapshot }: Pick<ClusterFacts, 'cluster' | 'snapshot'>,
  env: Readonly<Record<string, string | undefined>>,
): Promise<DnsFindings> {
  return {
    servers: cluster.discoveredDns(),
    idleServices: cluster.idleDnsServices(),
    snapshot: snapshot(),
    nameservers: await ownNameservers(env),
  };
}
