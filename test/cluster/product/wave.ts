import { until } from '../../harness/until.ts';
import type { Cluster } from '../cluster.ts';
import { demanded } from './install.ts';
import { talkers } from './talker.ts';

/** As many people at work at a time. */
const CLIENTS = 8;

/**
 * bearWave makes namespaces, each together with its Deployment in one `kubectl apply`, and returns once all their talkers
 * run and the API server knows their addresses.
 */
export async function bearWave(cluster: Cluster, names: readonly string[], argv: readonly string[]): Promise<void> {
  const waiting = [...names];
  const client = async (): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const list = { apiVersion: 'v1', kind: 'List', items: talkers(name, argv) };
      await demanded(cluster, ['apply', '-f', '-'], JSON.stringify(list));
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  await until(
    `the talkers of ${names.length} namespaces`,
    async () => {
      const pods = await talkersOf(cluster, names);
      const running = pods.filter(({ status }) => status.phase === 'Running' && status.podIP !== undefined);
      return running.length === names.length ? true : undefined;
    },
    300_000,
  );
}

/** endWave removes the namespaces, and returns once their pods have left room for others. */
export async function endWave(cluster: Cluster, names: readonly string[]): Promise<void> {
  await demanded(cluster, ['delete', 'namespaces', ...names, '--timeout=300s']);
}

/** untilTalkedOn returns once each talker has tried so many times more. */
export async function untilTalkedOn(cluster: Cluster, names: readonly string[], more: number): Promise<void> {
  const before = await triesOf(cluster, names);
  await until(
    `${names.length} talkers to try ${more} times more`,
    async () => {
      const now = await triesOf(cluster, names);
      return [...before].every(([name, tries]) => (now.get(name) ?? 0) >= tries + more) ? true : undefined;
    },
    120_000,
  );
}

/** triesOf reads how often talkers have tried, as they print it. */
async function triesOf(cluster: Cluster, names: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const tries = (await talkersOf(cluster, names)).map(async ({ metadata: { namespace, name } }) => {
    const path = `/api/v1/namespaces/${namespace}/pods/${name}/log?tailLines=1`;
    const { status, body } = await cluster.api.request('GET', path);
    if (status !== 200 || !/^\d+\n$/.test(String(body))) throw new Error(`${path}: ${JSON.stringify(body)}`);
    return [namespace, Number(body)] as const;
  });
  return new Map(await Promise.all(tries));
}

interface TalkerPod {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly status: { readonly phase?: string; readonly podIP?: string };
}

async function talkersOf({ api }: Cluster, names: readonly string[]): Promise<readonly TalkerPod[]> {
  const { items } = await api.get<{ items: readonly TalkerPod[] }>('/api/v1/pods?labelSelector=app%3Dtalker');
  const wanted = new Set(names);
  return items.filter(({ metadata }) => wanted.has(metadata.namespace));
}
