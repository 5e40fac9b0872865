import { join } from 'node:path';
import type { ControlPlaneAddress } from '../../harness/address.ts';
import { until } from '../../harness/until.ts';
import { giveOrder } from './control.ts';
import { BUSYBOX } from './images.ts';
import type { Instance } from './instance.ts';
import { LOOKUP, networkScript } from './network.ts';
import { demandIn, runIn } from './node-access.ts';
import { CONTAINERD_CLIENT, describeParts, type Part } from './parts.ts';
import type { Programs } from './programs.ts';
import { untilAnswers } from './readiness.ts';

/** Tell shows what has just been reached, after how many seconds. */
export type Tell = (reached: string, seconds: number) => void;

/** Booting is all that the parts of a node are started with. */
export interface Booting {
  readonly instance: Instance;
  readonly programs: Programs;
  readonly address: ControlPlaneAddress;
}

/** bootNode makes the network and starts the parts, in a node with nothing but a supervisor. */
export async function bootNode(
  booting: Booting,
  images: readonly string[],
  note: (reached: string) => void,
): Promise<void> {
  const { instance } = booting;
  const since = Date.now();
  await demandIn(instance, 'node', ['sh'], networkScript(instance));
  for (const part of ['outside', 'containerd', 'etcd', 'kube-apiserver'] as const) await startPart(booting, part);
  const imported = importAll(booting, images, since).then(() => note('images are imported'));
  // Looked at below, once the API server answers, which may take longer than a failed import.
  imported.catch(() => undefined);
  await untilAnswers(booting, 'kube-apiserver', since);
  note('the API server answers');
  await imported;
  const rest = ['kube-controller-manager', 'kube-scheduler', 'kubelet', 'kube-proxy'] as const;
  for (const part of rest) await startPart(booting, part);
  await Promise.all(rest.map((part) => untilAnswers(booting, part, since)));
  note('the node is Ready');
  // It ends where there is no Node object yet.
  await startPart(booting, 'kube-router');
  await untilAnswers(booting, 'kube-router', since);
  note('kube-router enforces');
}

async function importAll(booting: Booting, images: readonly string[], since: number): Promise<void> {
  await untilAnswers(booting, 'containerd', since);
  for (const file of images) await importArchive(booting.instance, booting.programs, file);
}

/** startPart starts a part that does not run. */
export async function startPart({ instance, programs }: Booting, part: Part): Promise<void> {
  const log = join(instance.folder, 'logs', `${part}.log`);
  await giveOrder(instance.folder, { do: 'start', name: part, argv: describeParts(instance, programs)[part], log });
}

/** restartPart ends a part, starts it again and waits until it answers. */
export async function restartPart(
  booting: Booting,
  part: Part,
  options: { readonly signal?: NodeJS.Signals; whileDown?(): Promise<void> } = {},
): Promise<void> {
  await giveOrder(booting.instance.folder, { do: 'stop', name: part, signal: options.signal ?? 'SIGTERM' });
  await options.whileDown?.();
  const since = Date.now();
  await startPart(booting, part);
  await untilAnswers(booting, part, since);
}

/** importArchive hands an archive as `docker save` writes it to containerd. */
export async function importArchive(instance: Instance, programs: Programs, file: string): Promise<void> {
  await demandIn(instance, 'node', [programs.ctr, ...CONTAINERD_CLIENT, 'images', 'import', file]);
}

/** untilDnsAnswers returns once a lookup on the node is answered by cluster DNS, through its Service. */
export async function untilDnsAnswers(instance: Instance): Promise<void> {
  const answer = async () => {
    const { status, stdout } = await runIn(instance, 'node', [BUSYBOX, ...LOOKUP]);
    return status === 0 && /^Address: 10\.96\.0\.1$/m.test(stdout) ? true : undefined;
  };
  await until('cluster DNS to answer', answer, 120_000);
}
