import type { TestProject } from 'vitest/node';
import { bundle } from './bundle.ts';

/** setup bundles the program under test; each case of chaos has a control plane of its own. */
export function setup(project: TestProject): () => void {
  const program = bundle();
  project.provide('release', 'current');
  project.provide('bundle', program.folder);
  return program.remove;
}
