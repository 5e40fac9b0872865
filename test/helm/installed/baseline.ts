import { randomBytes } from 'node:crypto';
import type { Cluster } from '../../cluster/cluster.ts';
import { policyPath } from '../../harness/policies.ts';
import { until } from '../../harness/until.ts';

/** untilBaseline waits until a namespace that it makes has both of its policies: a replica leads. */
export async function untilBaseline({ api }: Pick<Cluster, 'api'>): Promise<void> {
  const name = `born-${randomBytes(4).toString('hex')}`;
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
  const { status, body } = await api.request('POST', '/api/v1/namespaces', namespace);
  if (status !== 201) throw new Error(JSON.stringify(body));
  const stands = async () => {
    const { items } = await api.get<{ readonly items: readonly unknown[] }>(policyPath(name));
    return items.length === 2 ? true : undefined;
  };
  await until(`the baseline of ${name}`, stands, 60_000);
  await api.request('DELETE', `/api/v1/namespaces/${name}`);
}
