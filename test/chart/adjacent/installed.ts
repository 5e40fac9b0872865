import { until } from '../../harness/until.ts';
import { inventory } from '../../helm/installed/inventory.ts';
import type { ChartCluster } from '../chart-cluster.ts';

/** What is counted by itself, or comes and goes with namespaces that are born meanwhile. */
const OTHERS = /^networkpolicies |sh\.helm\.release/;

/** installed is all that the chart has brought, by kind and name: custom resources are served a moment late. */
export function installed({ api }: Pick<ChartCluster, 'api'>): Promise<readonly string[]> {
  const isOurs = (object: string) => object.includes('netpol-guard') && !OTHERS.test(object);
  return until('all objects', async () => (await inventory(api)).filter(isOurs));
}

/** registered is every webhook as the API server has it: whom it asks, about what, by which path, with which CA. */
export async function registered({ api }: Pick<ChartCluster, 'api'>): Promise<readonly object[]> {
  const kinds = ['validatingwebhookconfigurations', 'mutatingwebhookconfigurations'];
  const lists = await Promise.all(
    kinds.map((kind) =>
      api.get<{ items: readonly { readonly webhooks: readonly object[] }[] }>(
        `/apis/admissionregistration.k8s.io/v1/${kind}`,
      ),
    ),
  );
  return lists.flatMap(({ items }) => items.flatMap(({ webhooks }) => webhooks));
}
