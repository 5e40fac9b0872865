import type { Cluster } from '../../cluster/cluster.ts';
import { demanded, type Replica, replicas } from './release.ts';

/** metricsOf reads what a replica shows to Prometheus. */
export async function metricsOf({ inNode }: Pick<Cluster, 'inNode'>, { spec, status }: Replica): Promise<string> {
  const port = spec.containers[0]?.ports.find(({ name }) => name === 'metrics')?.containerPort;
  return await demanded(inNode(['busybox', 'wget', '-qO-', `http://${status.podIP}:${port}/metrics`]));
}

const READS = /^netpol_guard_rest_client_requests_total\{verb="(get|list|watch)".*/gm;

/** forbiddenReads are samples of what replicas want to read and may not. A write may be forbidden for other reasons. */
export async function forbiddenReads(cluster: Pick<Cluster, 'api' | 'inNode'>): Promise<readonly string[]> {
  const read = (await replicas(cluster)).map((replica) => metricsOf(cluster, replica));
  const samples = (await Promise.all(read)).flatMap((text) => text.match(READS) ?? []);
  if (samples.length === 0) throw new Error('no replica has read anything');
  return samples.filter((sample) => sample.includes('code="403"'));
}
