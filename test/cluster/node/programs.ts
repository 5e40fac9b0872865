import { join } from 'node:path';
import { build } from '../../programs/build.ts';
import { RECIPES } from '../../programs/recipes.ts';

/** MODULES are what the cluster is built from. */
export const MODULES = ['kubernetes', 'containerd', 'runc', 'coredns', 'kube-router'] as const;

/** Programs are the paths of all programs of the cluster, by their names. */
export type Programs = Readonly<Record<ProgramName, string>>;

type ProgramName = {
  [Module in (typeof MODULES)[number]]: keyof (typeof RECIPES)[Module]['programs'];
}[(typeof MODULES)[number]];

/** findClusterPrograms builds what is missing, which takes minutes, and shows how far it is. */
export async function findClusterPrograms(): Promise<Programs> {
  const found: Partial<Record<ProgramName, string>> = {};
  for (const module of MODULES) {
    const folder = await build(module);
    for (const name of Object.keys(RECIPES[module].programs)) found[name as ProgramName] = join(folder, name);
  }
  return found as Programs;
}
