import type { ApiClient } from './api-client.ts';
import { until } from './until.ts';

/** Creation is when an object was stored: the revision of etcd, which orders all writes of a cluster. */
export interface Creation {
  readonly namespace: string;
  readonly name: string;
  readonly revision: number;
  /** When a watch told of it, by this process' clock. */
  readonly at: number;
}

/** Creations remembers all objects of one kind that were made since it began to watch. */
export interface Creations {
  readonly all: readonly Creation[];
  /** Waits until it has seen so many. */
  until(count: number, timeoutMs: number): Promise<void>;
}

/** watchCreations follows a collection in all namespaces, such as `/api/v1/pods`. */
export async function watchCreations(api: ApiClient, path: string): Promise<Creations> {
  const all: Creation[] = [];
  await api.watch(path, ({ type, object: { metadata } }) => {
    if (type !== 'ADDED') return;
    const { namespace = '', name = '', resourceVersion } = metadata;
    all.push({ namespace, name, revision: Number(resourceVersion), at: performance.now() });
  });
  return {
    all,
    until: async (count, timeoutMs) => {
      await until(`${count} of ${path}`, () => (all.length >= count ? true : undefined), timeoutMs);
    },
  };
}

/** byNamespace groups creations, each group in the order of their revisions. */
export function byNamespace(creations: readonly Creation[]): ReadonlyMap<string, readonly Creation[]> {
  const groups = new Map<string, Creation[]>();
  for (const creation of creations.toSorted((a, b) => a.revision - b.revision)) {
    const group = groups.get(creation.namespace) ?? [];
    groups.set(creation.namespace, [...group, creation]);
  }
  return groups;
}
