import { describe, expect, it } from 'vitest';
import type { Machine } from './machine.ts';
import { listLacks } from './requirements.ts';

/** A machine that has everything, but for what a case takes away. */
function machine(changes: Partial<Machine> = {}): Machine {
  const files: Readonly<Record<string, string>> = {
    '/proc/sys/kernel/osrelease': '6.1.0-28-amd64\n',
    '/proc/filesystems': 'nodev\tproc\n\text4\nnodev\toverlay\n',
    '/proc/mounts': 'cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid 0 0\n',
  };
  const printed: Readonly<Record<string, string>> = {
    'nft --version': 'nftables v1.0.6 (Lester Gooch #5)\n',
    'env CNI_COMMAND=VERSION /usr/lib/cni/bridge': '{"cniVersion":"1.0.0","supportedVersions":["0.4.0","1.0.0"]}',
    'gcc -print-file-name=libc.a': '/usr/lib/x86_64-linux-gnu/libc.a\n',
  };
  return {
    platform: 'linux',
    uid: 0,
    exists: () => true,
    finds: () => true,
    read: (path) => files[path] ?? '',
    prints: (...argv) => (argv[0] === 'unshare' ? '' : printed[argv.join(' ')]),
    ...changes,
  };
}

/** With other output of one program; `undefined` is a program that fails. */
function printing(command: string, output: string | undefined): Machine {
  const whole = machine();
  return { ...whole, prints: (...argv) => (argv.join(' ').startsWith(command) ? output : whole.prints(...argv)) };
}

describe('what a machine lacks for the cluster', () => {
  it('is nothing where everything is there', () => {
    expect(listLacks(machine())).toEqual([]);
  });

  it.each([
    ['another system', { platform: 'darwin' }, 'the cluster runs on Linux; this is darwin'],
    ['no root', { uid: 1000 }, 'the cluster needs root, for namespaces, mounts and a network of its own; use sudo'],
    [
      'missing programs, with the packages to install, once',
      { finds: (name: string) => !['ip', 'iptables', 'iptables-save', 'ipset'].includes(name) },
      'not here: ip, iptables, iptables-save, ipset; apt-get install iproute2 iptables ipset',
    ],
    [
      'missing network plugins',
      { exists: (path: string) => path !== '/usr/lib/cni/host-local' },
      'not here: /usr/lib/cni/host-local; apt-get install containernetworking-plugins',
    ],
    [
      'a kernel that is too old',
      { read: (path: string) => (path.endsWith('osrelease') ? '5.10.0-33-amd64\n' : machine().read(path)) },
      'kernel 5.10.0-33-amd64 is too old for kube-proxy; 5.13 or later does',
    ],
    [
      'a kernel without overlayfs',
      { read: (path: string) => (path === '/proc/filesystems' ? '\text4\n' : machine().read(path)) },
      'the kernel knows no overlayfs; modprobe overlay',
    ],
    [
      'a kernel that does not filter on bridges',
      { exists: (path: string) => !path.startsWith('/proc/sys/net/bridge') },
      '/proc/sys/net/bridge/bridge-nf-call-iptables is not here; modprobe br_netfilter',
    ],
    [
      'no control groups',
      { read: (path: string) => (path === '/proc/mounts' ? 'proc /proc proc rw 0 0\n' : machine().read(path)) },
      'no control groups are mounted; mount those of a usual host',
    ],
  ])('%s', (_, changes, sentence) => {
    expect(listLacks(machine(changes))).toEqual([sentence]);
  });

  it.each([
    ['nft --version', 'nftables v1.0.0 (X)', 'nft 1.0.0 is too old for kube-proxy; install nftables 1.0.1 or later'],
    [
      'env CNI_COMMAND',
      '{"supportedVersions":["0.4.0"]}',
      '/usr/lib/cni/bridge does not know CNI 1.0.0; install containernetworking-plugins 1.0.0 or later',
    ],
    [
      'ldd /bin/busybox',
      'libc.so.6 => /lib/libc.so.6',
      'not here: a static /bin/busybox; apt-get install busybox-static',
    ],
    ['gcc -print-file-name', 'libc.a\n', 'not here: libc.a; apt-get install libc6-dev'],
    ['unshare', undefined, 'no namespaces can be made here; a container must be privileged for that'],
  ])('a wrong version, or a refusal: %s prints %s', (command, output, sentence) => {
    expect(listLacks(printing(command, output))).toEqual([sentence]);
  });

  it('takes a newer minor version for newer, whatever the patch', () => {
    expect(listLacks(printing('nft --version', 'nftables v1.1.0 (X)'))).toEqual([]);
    expect(listLacks(printing('nft --version', 'nftables v2.0 (X)'))).toEqual([]);
  });
});
