import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Machine is what there is to be asked about the machine that the cluster is to run on. */
export interface Machine {
  readonly platform: string;
  /** Of the user; 0 is root. */
  readonly uid: number;
  exists(path: string): boolean;
  /** Empty for a file that is not there. */
  read(path: string): string;
  /** Whether a program is on the PATH. */
  finds(program: string): boolean;
  /** What a program prints; `undefined` where it fails. */
  prints(...argv: readonly string[]): string | undefined;
}

/** Debian's packages, with what the cluster uses of them. */
const PROGRAMS = {
  'util-linux': ['unshare', 'nsenter'],
  mount: ['mount'],
  iproute2: ['ip'],
  iptables: ['iptables', 'iptables-save'],
  ipset: ['ipset'],
  nftables: ['nft'],
  conntrack: ['conntrack'],
  openssl: ['openssl'],
  gcc: ['gcc'],
};
const FILES = {
  'containernetworking-plugins': ['bridge', 'host-local', 'loopback', 'portmap'].map((name) => `/usr/lib/cni/${name}`),
  'busybox-static': ['/bin/busybox'],
};

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
  const packages = listPackages(machine);
  if (packages !== undefined) return [packages];
  return [...listOld(machine), ...listKernel(machine)];
}

function listPackages({ finds, exists, prints }: Machine): string | undefined {
  const programs = missing(PROGRAMS, finds);
  const files = missing(FILES, exists);
  const lacking = [...programs, ...files];
  // ldd fails for what is static.
  if (exists('/bin/busybox') && prints('ldd', '/bin/busybox') !== undefined) {
    lacking.push({ name: 'busybox-static', absent: ['a static /bin/busybox'] });
  }
  // gcc prints the bare name of what it does not find.
  if (finds('gcc') && prints('gcc', '-print-file-name=libc.a')?.startsWith('/') !== true) {
    lacking.push({ name: 'libc6-dev', absent: ['libc.a'] });
  }
  if (lacking.length === 0) return undefined;
  const absent = lacking.flatMap((one) => one.absent).join(', ');
  return `not here: ${absent}; apt-get install ${lacking.map(({ name }) => name).join(' ')}`;
}

function missing(packages: Readonly<Record<string, readonly string[]>>, isHere: (thing: string) => boolean) {
  return Object.entries(packages)
    .map(([name, things]) => ({ name, absent: things.filter((thing) => !isHere(thing)) }))
    .filter(({ absent }) => absent.length > 0);
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

/** THIS_MACHINE is the one that we are on. */
export const THIS_MACHINE: Machine = {
  platform: process.platform,
  uid: process.getuid?.() ?? -1,
  exists: existsSync,
  read: (path) => (existsSync(path) ? readFileSync(path, 'utf8') : ''),
  finds: (program) =>
    (process.env['PATH'] ?? '').split(delimiter).some((folder) => folder !== '' && existsSync(join(folder, program))),
  prints: (program = '', ...args) => {
    try {
      return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    } catch {
      return undefined;
    }
  },
};
