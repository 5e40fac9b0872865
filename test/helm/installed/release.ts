import type { Cluster } from '../../cluster/cluster.ts';
import type { Result } from '../../harness/kubectl.ts';
import { openDns, policyPath } from '../../harness/policies.ts';
import { RELEASE } from '../../harness/release.ts';
import { until } from '../../harness/until.ts';
import type { Helm, Values } from './helm.ts';
import type { Version } from './versions.ts';

const TARGET = [RELEASE.name, '--namespace', RELEASE.namespace];
const PATIENCE = ['--timeout', '180s'];

/** atomically are the flags that wait for what was asked, and take it back where it does not come. */
function atomically({ major }: Helm): readonly string[] {
  return major === 3 ? ['--atomic'] : ['--rollback-on-failure', '--wait'];
}

/** valuesFor are those of an admin, with the image of a version. */
export function valuesFor({ tag }: Version, values: Values = {}): Values {
  return { image: { registry: 'localhost', repository: 'netpol-guard', tag }, ...values };
}

type Put = (helm: Helm, version: Version, values?: Values, more?: readonly string[]) => Promise<Result>;

function putBy(verb: 'install' | 'upgrade'): Put {
  return (helm, version, values = {}, more = []) => {
    const [name = '', ...where] = TARGET;
    const args = [verb, name, version.chart, ...where, ...atomically(helm), ...PATIENCE, ...more];
    return helm(args, valuesFor(version, values));
  };
}

/** install brings a version into the cluster as README says, whatever comes of it. */
export const install: Put = putBy('install');

/** upgrade changes what is installed, to another version or other values, whatever comes of it. */
export const upgrade: Put = putBy('upgrade');

/** uninstall takes it away. */
export function uninstall(helm: Helm): Promise<Result> {
  return helm(['uninstall', ...TARGET, '--wait', ...PATIENCE]);
}

/** clearAway takes it away for the next test. Nobody calls the replicas any more, so they need not wait for calls to stop. */
export async function clearAway(cluster: Pick<Cluster, 'kubectl'>, helm: Helm): Promise<void> {
  await demanded(uninstall(helm));
  await endReplicas(cluster);
}

/** stopReplicas takes all replicas down, and leaves them no time to do so in good order. */
export async function stopReplicas(cluster: Pick<Cluster, 'kubectl'>): Promise<void> {
  await scale(cluster, 0);
  await endReplicas(cluster);
}

/** startReplicas brings three of them back. */
export async function startReplicas(cluster: Pick<Cluster, 'kubectl'>): Promise<void> {
  await scale(cluster, 3);
  const target = [`deployment/${RELEASE.name}`, '--namespace', RELEASE.namespace];
  await demanded(cluster.kubectl(['rollout', 'status', ...target, '--timeout=180s']));
}

async function scale({ kubectl }: Pick<Cluster, 'kubectl'>, count: number): Promise<void> {
  const target = [`deployment/${RELEASE.name}`, '--namespace', RELEASE.namespace];
  await demanded(kubectl(['scale', ...target, `--replicas=${count}`]));
}

/** Returns once the kubelet has seen them end: without a second of grace it would not be waited for. */
async function endReplicas({ kubectl }: Pick<Cluster, 'kubectl'>): Promise<void> {
  const pods = ['delete', 'pods', '--all', '--namespace', RELEASE.namespace, '--grace-period=1', '--timeout=120s'];
  await demanded(kubectl(pods));
}

/** testRelease is `helm test`. Helm 3 cannot show logs of pods that it has deleted. */
export function testRelease(helm: Helm): Promise<Result> {
  return helm(['test', ...TARGET, ...(helm.major === 3 ? [] : ['--logs']), ...PATIENCE]);
}

/** demanded throws with the program's own words where it failed, and returns its output. */
export async function demanded(running: Promise<Result>): Promise<string> {
  const { status, stdout, stderr } = await running;
  if (status !== 0) throw new Error(`${stderr}\n${stdout}`);
  return stdout;
}

/** makeNamespace makes the one that netpol-guard is installed in, where Pod Security takes its strictest level alone. */
export async function makeNamespace({ api }: Pick<Cluster, 'api'>): Promise<void> {
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: RELEASE.namespace, labels } };
  const { status, body } = await api.request('POST', '/api/v1/namespaces', object);
  if (status !== 201 && status !== 409) throw new Error(JSON.stringify(body));
}

interface Container {
  readonly image: string;
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
}

/** Replica is one of netpol-guard's pods. */
export interface Replica {
  readonly metadata: { readonly name: string; readonly uid: string; readonly deletionTimestamp?: string };
  readonly spec: { readonly containers: readonly Container[] };
  readonly status: {
    readonly podIP?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly containerStatuses?: readonly {
      readonly restartCount: number;
      readonly containerID?: string;
      readonly state: { readonly running?: { readonly startedAt: string } };
    }[];
  };
}

const PODS = `/api/v1/namespaces/${RELEASE.namespace}/pods?labelSelector=app.kubernetes.io/instance%3D${RELEASE.name}`;

/** replicas lists netpol-guard's pods, those that are leaving too. */
export async function replicas({ api }: Pick<Cluster, 'api'>): Promise<readonly Replica[]> {
  return (await api.get<{ readonly items: readonly Replica[] }>(PODS)).items;
}

/** untilLeft waits until the replicas that were told to leave have done so: they go on serving for a while. */
export async function untilLeft(cluster: Pick<Cluster, 'api'>): Promise<void> {
  const someLeave = async () =>
    (await replicas(cluster)).some(({ metadata }) => metadata.deletionTimestamp !== undefined);
  await until('replicas to have left', async () => ((await someLeave()) ? undefined : true), 120_000);
}

/** untilJudged waits until the webhook is called: kube-proxy is a moment behind the readiness of replicas. */
export async function untilJudged({ api }: Pick<Cluster, 'api'>): Promise<void> {
  const refused = async () => {
    const { status } = await api.request('POST', policyPath('default', '?dryRun=All'), openDns);
    return status === 403 ? true : undefined;
  };
  await until('a bad policy to be refused', refused, 60_000);
}

/** isReady holds for a replica that is called. */
export function isReady({ metadata, status }: Replica): boolean {
  const ready = status.conditions?.find(({ type }) => type === 'Ready');
  return ready?.status === 'True' && metadata.deletionTimestamp === undefined;
}

/** kubernetesOf asks which version it is: without being told, a Helm that is built here renders for a very old one. */
export async function kubernetesOf({ api }: Pick<Cluster, 'api'>): Promise<string> {
  return (await api.get<{ readonly gitVersion: string }>('/version')).gitVersion;
}
