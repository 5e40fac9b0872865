import { DEFAULT_POLICIES, type StoredPolicy, untilSpecs } from './baseline.ts';
import type { Connected } from './connected.ts';
import { until } from './until.ts';

const CLIENTS = 8;

/** makeNamespaces makes so many, by several clients that try on whatever happens, and returns their names. */
export async function makeNamespaces(
  { api }: Pick<Connected, 'api'>,
  prefix: string,
  count: number,
  onMade: (made: number) => void = () => undefined,
): Promise<readonly string[]> {
  const names = Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
  const waiting = [...names];
  let made = 0;
  const client = async (): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      await until(
        `namespace ${name}`,
        async () => {
          const { status } = await api.request('POST', '/api/v1/namespaces', { metadata: { name } });
          return status === 201 || status === 409 ? true : undefined;
        },
        120_000,
      );
      made += 1;
      onMade(made);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return names;
}

/** untilAllStand waits until each namespace has the policies of the template default-deny, and those alone. */
export async function untilAllStand(
  cluster: Pick<Connected, 'api'>,
  names: readonly string[],
  timeoutMs = 60_000,
): Promise<void> {
  await until(
    `the policies of ${names.length} namespaces`,
    async () => {
      const { items } = await cluster.api.get<{ items: StoredPolicy[] }>('/apis/networking.k8s.io/v1/networkpolicies');
      const counts = new Map<string, number>();
      for (const { metadata } of items) counts.set(metadata.namespace, (counts.get(metadata.namespace) ?? 0) + 1);
      return names.every((name) => counts.get(name) === Object.keys(DEFAULT_POLICIES).length) ? true : undefined;
    },
    timeoutMs,
  );
  for (const name of names) await untilSpecs(cluster, name);
}
