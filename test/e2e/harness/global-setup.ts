import { execFileSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { findPrograms } from '../../controlplane/binaries.ts';
import type { ControlPlaneAddress } from './address.ts';
import { startControlPlane } from './control-plane.ts';
import { createKubectl } from './kubectl.ts';

declare module 'vitest' {
  interface ProvidedContext {
    controlPlane: ControlPlaneAddress;
  }
}

/** setup starts the one control plane of a test run, with cluster DNS in it, and bundles the program under test. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const root = join(import.meta.dirname, '../../..');
  execFileSync(process.execPath, [join(root, 'scripts/build.ts')], { cwd: root, stdio: 'inherit' });

  const controlPlane = await startControlPlane(findPrograms(project.name === 'e2e-oldest' ? 'oldest' : 'current'));
  const { kubectl: program, kubeconfig, folder } = controlPlane.address;
  // A copy, so that a build that runs meanwhile pulls nothing away; the package.json says that it is made of modules.
  for (const part of ['dist', 'package.json']) cpSync(join(root, part), join(folder, part), { recursive: true });
  const manifests = join(import.meta.dirname, '../manifests');
  const applied = await createKubectl(program, kubeconfig, folder)(['apply', '-f', manifests]);
  if (applied.status !== 0) {
    await controlPlane.stop();
    throw new Error(applied.stderr);
  }
  project.provide('controlPlane', controlPlane.address);
  return controlPlane.stop;
}
