import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { findPrograms, type Release } from '../../controlplane/binaries.ts';
import type { ControlPlaneAddress } from './address.ts';
import { startControlPlane } from './control-plane.ts';
import { createKubectl } from './kubectl.ts';
import { installRelease } from './release.ts';

declare module 'vitest' {
  interface ProvidedContext {
    controlPlane: ControlPlaneAddress;
    /** The Kubernetes of this run. */
    release: Release;
    /** The folder of the program under test. */
    bundle: string;
  }
}

/** setup starts the one control plane of a test run, with cluster DNS in it, and bundles the program under test. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const root = join(import.meta.dirname, '../../..');
  execFileSync(process.execPath, [join(root, 'scripts/build.ts')], { cwd: root, stdio: 'inherit' });
  // A copy, so that a build that runs meanwhile pulls nothing away; the package.json says that it is made of modules.
  const bundle = mkdtempSync(join(tmpdir(), 'netpol-guard-bundle-'));
  for (const part of ['dist', 'package.json']) cpSync(join(root, part), join(bundle, part), { recursive: true });

  const release: Release = project.name === 'e2e-oldest' ? 'oldest' : 'current';
  const controlPlane = await startControlPlane(findPrograms(release));
  const teardown = async (): Promise<void> => {
    await controlPlane.stop();
    rmSync(bundle, { recursive: true, force: true });
  };
  try {
    const { kubectl, kubeconfig, folder } = controlPlane.address;
    await installRelease(createKubectl(kubectl, kubeconfig, folder));
  } catch (error) {
    await teardown();
    throw error;
  }
  project.provide('controlPlane', controlPlane.address);
  project.provide('release', release);
  project.provide('bundle', bundle);
  return teardown;
}
