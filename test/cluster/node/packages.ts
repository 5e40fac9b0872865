import type { Machine } from './machine.ts';

/** Lacking is a package of Debian's that is not installed, by what of it is not here. */
export interface Lacking {
  readonly name: string;
  readonly absent: readonly string[];
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
  'pkg-config': ['pkg-config'],
};
const FILES = {
  'containernetworking-plugins': ['bridge', 'host-local', 'loopback', 'portmap'].map((name) => `/usr/lib/cni/${name}`),
  'busybox-static': ['/bin/busybox'],
  'libseccomp-dev': ['/usr/include/seccomp.h'],
};

/** lackingPackages lists what has to be installed before the cluster can be built and started. */
export function lackingPackages({ finds, exists, prints }: Machine): readonly Lacking[] {
  const lacking = [...missing(PROGRAMS, finds), ...missing(FILES, exists)];
  // ldd fails for what is static.
  if (exists('/bin/busybox') && prints('ldd', '/bin/busybox') !== undefined) {
    lacking.push({ name: 'busybox-static', absent: ['a static /bin/busybox'] });
  }
  // gcc prints the bare name of what it does not find.
  if (finds('gcc') && prints('gcc', '-print-file-name=libc.a')?.startsWith('/') !== true) {
    lacking.push({ name: 'libc6-dev', absent: ['libc.a'] });
  }
  return lacking;
}

function missing(packages: Readonly<Record<string, readonly string[]>>, isHere: (thing: string) => boolean): Lacking[] {
  return Object.entries(packages)
    .map(([name, things]) => ({ name, absent: things.filter((thing) => !isHere(thing)) }))
    .filter(({ absent }) => absent.length > 0);
}
