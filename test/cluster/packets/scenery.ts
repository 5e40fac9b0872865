import type { Kubectl } from '../../harness/kubectl.ts';
import { until } from '../../harness/until.ts';
import type { Cluster } from '../cluster.ts';
import type { Manifest } from '../product/manifest.ts';

/** Scenery is what a stage puts into a cluster: namespaces of its own, and objects in them and elsewhere. */
export interface Scenery {
  readonly namespaces: readonly string[];
  readonly objects: readonly Manifest[];
}

/** buildScenery makes all anew: a stage before may have left the same names, or be on its way out. */
export async function buildScenery(cluster: Cluster, scenery: Scenery): Promise<void> {
  const { api, kubectl } = cluster;
  const { namespaces, objects } = scenery;
  await removeScenery(cluster, scenery);
  const lasting = listOf(outside(namespaces, objects));
  await until(
    'what was there before to be gone',
    async () => {
      const stdout = await demand(kubectl, ['get', '--ignore-not-found', '-o', 'name', '-f', '-'], lasting);
      return stdout === '' ? true : undefined;
    },
    60_000,
  );
  for (const name of namespaces) {
    // The cases bring their own policies, so they want no baseline.
    const metadata = { name, labels: { 'netpol-guard.io/baseline': 'none' } };
    await until(
      `namespace ${name} to be made`,
      async () => {
        const { status, body } = await api.request('POST', '/api/v1/namespaces', { metadata });
        if (status !== 201) throw new Error(JSON.stringify(body));
        return true;
      },
      60_000,
    );
  }
  // A namespace takes pods a moment after it was made, and a ServiceCIDR gives addresses a moment after it was.
  await until('the objects to be made', async () => await demand(kubectl, ['apply', '-f', '-'], listOf(objects)));
}

/** removeScenery does not wait until all is gone: a ServiceCIDR alone takes ten seconds. */
export async function removeScenery({ kubectl }: Cluster, { namespaces, objects }: Scenery): Promise<void> {
  const remove = ['delete', '--ignore-not-found', '--wait=false'];
  await demand(kubectl, [...remove, 'namespaces', ...namespaces]);
  await demand(kubectl, [...remove, '-f', '-'], listOf(outside(namespaces, objects)));
}

/** Those that do not go with the namespaces. */
function outside(namespaces: readonly string[], objects: readonly Manifest[]): readonly Manifest[] {
  return objects.filter(({ metadata: { namespace } }) => namespace === undefined || !namespaces.includes(namespace));
}

function listOf(items: readonly Manifest[]): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}

async function demand(kubectl: Kubectl, args: readonly string[], stdin = ''): Promise<string> {
  const result = await kubectl(args, { stdin });
  if (result.status !== 0) throw new Error(`kubectl ${args.join(' ')}: ${result.stderr}`);
  return result.stdout;
}
