import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Cgroup } from './cgroups.ts';

/** What the node has of its own. */
const OWN = ['/run', '/sys', '/var/lib', '/var/log', '/var/run'];

/** listHidden says which of the paths that the parts read would be hidden from them. */
export function listHidden(paths: readonly string[]): readonly string[] {
  return paths.flatMap((path) => {
    const own = OWN.find((folder) => path === folder || path.startsWith(`${folder}/`));
    return own === undefined ? [] : [`${path} cannot be seen in the node, which has its own ${own}; move it elsewhere`];
  });
}

/**
 * mountNode makes the node's view of the disk, in a mount namespace of its own. What the parts write to the places that
 * they know by name (/var/lib/containerd, /var/lib/kubelet, /var/log/pods, sockets and network namespaces in /run) lands in
 * the cluster's folder, or is gone with the namespace.
 */
export function mountNode(folder: string, cgroups: readonly Cgroup[]): void {
  for (const name of ['lib', 'log']) {
    mkdirSync(join(folder, 'disk', name), { recursive: true });
    mount('--bind', join(folder, 'disk', name), `/var/${name}`);
  }
  mount('-t', 'tmpfs', '-o', 'mode=755', 'tmpfs', '/run');
  mkdirSync('/run/lock');
  // A mount of sysfs shows the links of the network namespace that it was made in. Groups are seen from the cluster's own
  // on, so the kubelet takes it for the root.
  mount('-t', 'sysfs', 'sysfs', '/sys');
  if (cgroups.some(({ options }) => options !== undefined)) mount('-t', 'tmpfs', 'tmpfs', '/sys/fs/cgroup');
  for (const { options, mountPoint } of cgroups) {
    mkdirSync(mountPoint, { recursive: true });
    if (options === undefined) mount('-t', 'cgroup2', 'cgroup2', mountPoint);
    else mount('-t', 'cgroup', '-o', options, 'cgroup', mountPoint);
  }
  // The kubelet hands mounts of volumes on to containers.
  mount('--make-rshared', '/');
}

function mount(...args: string[]): void {
  execFileSync('mount', args, { stdio: 'inherit' });
}
