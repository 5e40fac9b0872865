import type { TestProject } from 'vitest/node';
import { findPrograms, type Release } from '../../programs/control-plane.ts';
import type { ControlPlaneAddress } from './address.ts';
import { bundle } from './bundle.ts';
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
  const program = bundle();
  const release: Release = project.name === 'e2e-oldest' ? 'oldest' : 'current';
  const controlPlane = await startControlPlane(await findPrograms(release));
  const teardown = async (): Promise<void> => {
    await controlPlane.stop();
    program.remove();
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
  project.provide('bundle', program.folder);
  return teardown;
}
