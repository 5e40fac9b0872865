import { leaderOf } from '../../harness/release.ts';
import { until } from '../../harness/until.ts';
import type { ChartCluster } from '../chart-cluster.ts';
import type { Replica, Replicas } from './replicas.ts';

/**
 * rollOut replaces all replicas by those of a program, as a Deployment does: one comes before one goes. Who leads goes last,
 * so that each version leads while the other one is called too: `whileMixed` is run then.
 */
export async function rollOut(
  { api }: Pick<ChartCluster, 'api'>,
  replicas: Replicas,
  { program, name }: { readonly program: string; readonly name: string },
  whileMixed: () => Promise<void>,
): Promise<void> {
  await replicas.mount();
  const first = await leader({ api });
  const leads = (replica: Replica) => replica.name === first;
  const leaving = replicas.running.toSorted((a, b) => Number(leads(a)) - Number(leads(b)));
  for (const [index, replica] of leaving.entries()) {
    await replicas.add(program, `${name}-${index}`);
    if (leads(replica)) await whileMixed();
    await replicas.retire(replica);
  }
}

/** leader waits until somebody leads, and returns the name of that replica. */
export function leader({ api }: Pick<ChartCluster, 'api'>): Promise<string> {
  return until('a leader', async () => (await leaderOf(api)) || undefined);
}
