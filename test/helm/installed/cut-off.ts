import { type Cluster, IMAGES } from '../../cluster/cluster.ts';
import type { Connected } from '../../harness/connected.ts';
import { policyPath } from '../../harness/policies.ts';
import { until } from '../../harness/until.ts';
import { demanded } from './release.ts';

/** LOCKDOWN isolates every pod of a namespace in both directions. */
export const LOCKDOWN = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'lockdown' },
  spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
};

/** openShop makes a namespace with a Deployment `web` that has `nslookup`, and returns once its pod runs. */
export async function openShop({ kubectl }: Pick<Cluster, 'kubectl'>, name: string, template?: string): Promise<void> {
  const labels = template === undefined ? {} : { 'netpol-guard.io/baseline': template };
  const container = {
    name: 'web',
    image: IMAGES.busybox,
    imagePullPolicy: 'IfNotPresent',
    command: ['sleep', '1000000'],
  };
  const spec = { automountServiceAccountToken: false, terminationGracePeriodSeconds: 0, containers: [container] };
  const pods = { app: 'web' };
  const items = [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace: name },
      spec: { selector: { matchLabels: pods }, template: { metadata: { labels: pods }, spec } },
    },
  ];
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  await demanded(kubectl(['apply', '-f', '-'], { stdin: list }));
  await demanded(kubectl(['rollout', 'status', 'deployment/web', '-n', name, '--timeout=60s']));
}

/** untilLooksUp waits until the pod of a shop resolves names, or does not. */
export async function untilLooksUp({ kubectl }: Pick<Cluster, 'kubectl'>, name: string, isUp: boolean): Promise<void> {
  const lookup = ['exec', '-n', name, 'deployment/web', '--', 'nslookup', 'kubernetes.default.svc.cluster.local'];
  await until(`lookups in ${name} to ${isUp ? 'work' : 'fail'}`, async () => {
    const { status, stdout, stderr } = await kubectl(lookup);
    if (status === 0) return isUp ? true : undefined;
    return !isUp && /timed out|refused/.test(stdout + stderr) ? true : undefined;
  });
}

/** policiesOf lists the names of a namespace's policies. */
export async function policiesOf({ api }: Pick<Connected, 'api'>, name: string): Promise<readonly string[]> {
  const { items } = await api.get<{ items: readonly { metadata: { name: string } }[] }>(policyPath(name));
  return items.map(({ metadata }) => metadata.name);
}
