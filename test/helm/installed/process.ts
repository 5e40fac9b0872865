import type { Cluster } from '../../cluster/cluster.ts';
import type { Replica } from './release.ts';

/** signalReplica sends a signal to the process of a replica, from the node: nobody in Kubernetes is asked. */
export async function signalReplica(
  cluster: Pick<Cluster, 'inNode'>,
  { metadata, status }: Replica,
  signal: 'KILL' | 'STOP' | 'CONT',
): Promise<void> {
  const container = status.containerStatuses?.[0]?.containerID?.replace('containerd://', '');
  if (!container) throw new Error(`${metadata.name} has no container`);
  // Of all processes it is the one in the cgroup of that container.
  const script = `for at in /proc/[0-9]*; do
  if grep -q '/${container}$' "$at/cgroup" 2>/dev/null; then kill -${signal} "\${at#/proc/}" && echo "\${at#/proc/}"; fi
done`;
  const { stdout, stderr } = await cluster.inNode(['sh', '-c', script]);
  if (!/^\d+\n$/.test(stdout)) throw new Error(`${metadata.name}: no process was signalled: ${stdout}${stderr}`);
}
