import type { ApiClient } from '../../harness/api-client.ts';

/** What comes and goes by itself, and is nobody's. */
const FLEETING = new Set(['events', 'componentstatuses']);

interface Resources {
  readonly groupVersion: string;
  readonly resources: readonly { readonly name: string; readonly verbs: readonly string[] }[];
}

interface Listed {
  readonly items: readonly { readonly metadata: { readonly namespace?: string; readonly name: string } }[];
}

/** inventory lists every object of the cluster that can be listed, as `resource namespace/name`. */
export async function inventory(api: ApiClient): Promise<readonly string[]> {
  const { groups } = await api.get<{
    groups: readonly { readonly preferredVersion: { readonly groupVersion: string } }[];
  }>('/apis');
  const roots = ['/api/v1', ...groups.map(({ preferredVersion }) => `/apis/${preferredVersion.groupVersion}`)];
  const found = await Promise.all(roots.map((root) => listGroup(api, root)));
  return [...new Set(found.flat())].toSorted();
}

async function listGroup(api: ApiClient, root: string): Promise<readonly string[]> {
  const { resources } = await api.get<Resources>(root);
  const listable = resources.filter(({ name, verbs }) => verbs.includes('list') && !FLEETING.has(name));
  const lists = await Promise.all(
    listable.map(async ({ name }) => {
      const { items } = await api.get<Listed>(`${root}/${name}`);
      return items.map(({ metadata }) => `${name} ${metadata.namespace ?? ''}/${metadata.name}`);
    }),
  );
  return lists.flat();
}
