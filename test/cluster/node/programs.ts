import { homedir } from 'node:os';
import { join } from 'node:path';
import { build } from '../../../programs/build.ts';
import { RECIPES } from '../../../programs/recipes.ts';

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

/** cacheHome is where programs and images are kept from one cluster to the next. */
export function cacheHome(): string {
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'netpol-guard');
}
