import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cluster } from '../../cluster/cluster.ts';
import { demanded } from './release.ts';

/**
 * withoutPodNetwork takes all of a network plugin but its policies: the link of the pods is down, and containerd knows no
 * network to give to new ones. Returns what was done meanwhile once both are back.
 */
export async function withoutPodNetwork<T>(
  cluster: Pick<Cluster, 'inNode' | 'address'>,
  doing: () => Promise<T>,
): Promise<T> {
  const file = join(cluster.address.folder, 'etc/cni/10-bridge.conflist');
  const text = readFileSync(file, 'utf8');
  const link = (state: 'up' | 'down') => demanded(cluster.inNode(['ip', 'link', 'set', 'kube-bridge', state]));
  rmSync(file);
  await link('down');
  try {
    return await doing();
  } finally {
    await link('up');
    writeFileSync(file, text);
  }
}

/** withoutEnforcement stops what puts policies into the kernel. It runs again afterwards, whatever came of what was done. */
export async function withoutEnforcement(cluster: Pick<Cluster, 'restart'>, doing: () => Promise<void>): Promise<void> {
  let done = Promise.resolve();
  const whileDown = async (): Promise<void> => {
    done = doing();
    await done.catch(() => undefined);
  };
  await cluster.restart('kube-router', { whileDown });
  await done;
}
