import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { build } from '../../programs/build.ts';
import { RECIPES } from '../../programs/recipes.ts';

/** What the cluster is built from. */
const MODULES = ['kubernetes', 'containerd', 'runc', 'coredns', 'kube-router'] as const;
type Module = (typeof MODULES)[number];
type ProgramName = { [M in Module]: keyof (typeof RECIPES)[M]['programs'] }[Module];

/** Programs are the paths of all programs of the cluster, by their names. */
export type Programs = Readonly<Record<ProgramName, string>>;

/** findClusterPrograms builds what is missing, which takes minutes, and shows how far it is. */
export async function findClusterPrograms(): Promise<Programs> {
  const found: Partial<Record<ProgramName, string>> = {};
  for (const module of MODULES) {
    const folder = await build(module);
    for (const name of Object.keys(RECIPES[module].programs)) found[name as ProgramName] = join(folder, name);
  }
  return found as Programs;
}

/** Where a go.mod says which version it is of. */
const SOURCES = {
  kubernetes: ['kubernetes', /k8s\.io\/kubernetes v(\S+)/],
  etcd: ['kubernetes', /go\.etcd\.io\/etcd\/server\/v3 v(\S+)/],
  containerd: ['containerd', /containerd\/containerd\/v2 v(\S+)/],
  runc: ['runc', /opencontainers\/runc v(\S+)/],
  coredns: ['coredns', /coredns\/coredns v(\S+)/],
  'kube-router': ['kube-router', /=> \S+kube-router\/v2 v(\S+)/],
} as const;

/** listVersions tells the versions that a cluster is made of. */
export function listVersions(): Readonly<Record<string, string>> {
  const programs = Object.entries(SOURCES).map(([name, [module, pattern]]) => {
    const file = join(import.meta.dirname, '../../programs', module, 'go.mod');
    const [, version] = pattern.exec(readFileSync(file, 'utf8')) ?? [];
    if (version === undefined) throw new Error(`${file}: does not say the version of ${name}`);
    return [name, version];
  });
  return { ...Object.fromEntries(programs), linux: release() };
}
