import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import type { ModuleName } from '../../programs/recipes.ts';

const PINNED: readonly (readonly [name: string, module: ModuleName, path: string])[] = [
  ['Kubernetes', 'kubernetes', 'k8s.io/kubernetes'],
  ['etcd', 'kubernetes', 'go.etcd.io/etcd/server/v3'],
  ['containerd', 'containerd', 'github.com/containerd/containerd/v2'],
  ['runc', 'runc', 'github.com/opencontainers/runc'],
  ['CoreDNS', 'coredns', 'github.com/coredns/coredns'],
  ['kube-router', 'kube-router', 'github.com/k3s-io/kube-router/v2'],
];

/** machine lists what the tests ran with. */
export function machine(): readonly { readonly what: string; readonly which: string }[] {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  const memory = Math.round(totalmem() / 1024 ** 3);
  return [
    ...PINNED.map(([what, module, path]) => ({ what, which: versionOf(module, path) })),
    { what: 'Linux', which: release() },
    { what: 'Node', which: process.version },
    { what: 'machine', which: `${cpus().length} x ${model}, ${memory} GB` },
  ];
}

/** versionOf reads the version of a module out of a go.mod; of one that is replaced, that of the replacement. */
export function versionOf(module: ModuleName, path: string): string {
  const file = join(import.meta.dirname, '../../programs', module, 'go.mod');
  const text = readFileSync(file, 'utf8');
  const found = text.split(/\s*\n\s*/).map((line) => line.split(' '));
  for (const words of found) {
    const at = words.indexOf(path);
    const version = words[at + 1];
    if (at >= 0 && version?.startsWith('v') === true) return version.slice(1);
  }
  throw new Error(`${file}: no version of ${path} in it`);
}
