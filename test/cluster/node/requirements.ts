import type { Machine } from './machine.ts';
import { type Lacking, lackingPackages } from './packages.ts';

/** From kube-proxy's own demands for its mode nftables (pkg/proxy/nftables/supported.go). */
const OLDEST_KERNEL = '5.13';
const OLDEST_NFT = '1.0.1';
/** The version of the specification that the pods' network is written in. */
const CNI_VERSION = '1.0.0';
const BRIDGE_FILTER = '/proc/sys/net/bridge/bridge-nf-call-iptables';
const NAMESPACES = ['unshare', '--mount', '--net', '--pid', '--cgroup', '--ipc', '--uts', '--fork', 'true'];

/** listLacks says in a sentence each what the machine lacks, and what to do. */
export function listLacks(machine: Machine): readonly string[] {
  if (machine.platform !== 'linux') return [`the cluster runs on Linux; this is ${machine.platform}`];
  if (machine.uid !== 0) return ['the cluster needs root, for namespaces, mounts and a network of its own; use sudo'];
  const packages = lackingPackages(machine);
  if (packages.length > 0) return [describeLacking(packages)];
  return [...listOld(machine), ...listKernel(machine)];
}

function describeLacking(packages: readonly Lacking[]): string {
  const absent = packages.flatMap((one) => one.absent).join(', ');
  return `not here: ${absent}; apt-get install ${packages.map(({ name }) => name).join(' ')}`;
}

function listOld({ read, prints }: Machine): readonly string[] {
  const kernel = read('/proc/sys/kernel/osrelease').trim();
  const nft = /v([\d.]+)/.exec(prints('nft', '--version') ?? '')?.[1] ?? 'of no known version';
  const cni = prints('env', 'CNI_COMMAND=VERSION', '/usr/lib/cni/bridge') ?? '';
  return [
    isOlder(kernel, OLDEST_KERNEL) && `kernel ${kernel} is too old for kube-proxy; ${OLDEST_KERNEL} or later does`,
    isOlder(nft, OLDEST_NFT) && `nft ${nft} is too old for kube-proxy; install nftables ${OLDEST_NFT} or later`,
    !cni.includes(`"${CNI_VERSION}"`) &&
      `/usr/lib/cni/bridge does not know CNI ${CNI_VERSION}; install containernetworking-plugins 1.0.0 or later`,
  ].filter((line) => line !== false);
}

function listKernel({ exists, read, prints }: Machine): readonly string[] {
  return [
    !read('/proc/filesystems').includes('\toverlay') && 'the kernel knows no overlayfs; modprobe overlay',
    !exists(BRIDGE_FILTER) && `${BRIDGE_FILTER} is not here; modprobe br_netfilter`,
    !/ cgroup2? /.test(read('/proc/mounts')) && 'no control groups are mounted; mount those of a usual host',
    prints(...NAMESPACES) === undefined && 'no namespaces can be made here; a container must be privileged for that',
  ].filter((line) => line !== false);
}

function isOlder(found: string, wanted: string): boolean {
  const [a, b] = [found, wanted].map((version) => version.split(/[.-]/).map(Number));
  const at = (b ?? []).findIndex((part, index) => (a?.[index] ?? 0) !== part);
  return at !== -1 && !((a?.[at] ?? 0) > (b?.[at] ?? 0));
}
