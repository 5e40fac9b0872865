import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../../harness/until.ts';
import type { Cluster } from '../cluster.ts';
import { bundleProbe } from '../probe/bundle.ts';
import { type Probe, startProbe } from '../probe/driver.ts';
import { execProbe } from '../probe/exec.ts';
import { NAME_LABEL } from './actor-objects.ts';
import { type ActorName, actorOf } from './actors.ts';

/** Sender is who sends the first packet: a pod, or somebody out on the Internet. */
export type Sender = ActorName | 'internet';

/** Cast is the pods of a stage, up and waiting. */
export interface Cast {
  probeOf(sender: Sender): Probe;
  addressOf(actor: ActorName): string;
  podOf(actor: ActorName): string;
  dismiss(): Promise<void>;
}

interface Pod {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
  readonly status: {
    readonly podIP?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

/** OUTSIDE_PORT is where the Internet answers besides: the port of an API server that lives out of the cluster. */
const OUTSIDE_PORT = 6443;

/** gatherCast waits for the pods of actors, and starts a probe in each that can have one, and out on the Internet. */
export async function gatherCast(cluster: Cluster, actors: readonly ActorName[]): Promise<Cast> {
  const pods = new Map<ActorName, Pod>();
  for (const actor of actors) pods.set(actor, await readyPod(cluster, actor));
  const podOf = (actor: ActorName): Pod => {
    const pod = pods.get(actor);
    if (pod === undefined) throw new Error(`${actor} is not on the stage`);
    return pod;
  };
  const folder = mkdtempSync(join(tmpdir(), 'netpol-guard-cast-'));
  const bundle = join(folder, 'probe.mjs');
  await bundleProbe(bundle);
  const internet = startProbe(cluster.spawn('outside', [process.execPath, bundle]));
  await listenOn(internet, 'internet', [OUTSIDE_PORT]);
  const probes = new Map<Sender, Probe>([['internet', internet]]);
  for (const actor of actors.filter((name) => actorOf(name).does.kind !== 'resolver')) {
    const probe = execProbe(cluster.address, actorOf(actor).namespace, podOf(actor).metadata.name);
    probes.set(actor, probe);
    const { does } = actorOf(actor);
    if (does.kind === 'prober') await listenOn(probe, actor, does.listens);
  }
  return {
    probeOf: (sender) => {
      const probe = probes.get(sender);
      if (probe === undefined) throw new Error(`${sender} is not on the stage, or has no probe`);
      return probe;
    },
    addressOf: (actor) => podOf(actor).status.podIP ?? '',
    podOf: (actor) => podOf(actor).metadata.name,
    dismiss: async () => {
      await Promise.all([...probes.values()].map((probe) => probe.close()));
      rmSync(folder, { recursive: true });
    },
  };
}

function readyPod({ api }: Cluster, actor: ActorName): Promise<Pod> {
  const path = `/api/v1/namespaces/${actorOf(actor).namespace}/pods?labelSelector=${NAME_LABEL}=${actor}`;
  const ready = ({ metadata, status }: Pod) =>
    metadata.deletionTimestamp === undefined &&
    status.podIP !== undefined &&
    status.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True');
  return until(
    `${actor} to be ready`,
    async () => (await api.get<{ items: readonly Pod[] }>(path)).items.find((pod) => ready(pod)),
    120_000,
  );
}

async function listenOn(probe: Probe, who: Sender, ports: readonly number[]): Promise<void> {
  for (const port of ports) {
    const { outcome } = await probe.ask('listen', { port });
    if (outcome !== 'listening') throw new Error(`${who} cannot listen on ${port}: ${outcome}`);
  }
}
