import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './build.ts';

/** Release is a Kubernetes that the tests run on: the current one, or the oldest that is served. */
export type Release = 'current' | 'oldest';

/** Program is what a control plane is made of, and its client. */
export type Program = 'etcd' | 'kube-apiserver' | 'kube-controller-manager' | 'kubectl';

/**
 * findPrograms gives the path of every program of a release, and builds what is missing. The oldest Kubernetes runs on
 * the current etcd.
 *
 * `KUBEBUILDER_ASSETS` (the envtest convention) goes first for the current release. Its folder has no
 * kube-controller-manager as published; a program that is not in it is built.
 */
export async function findPrograms(release: Release): Promise<Record<Program, string>> {
  const assets = release === 'current' ? process.env['KUBEBUILDER_ASSETS'] : undefined;
  const locate = async (program: Program): Promise<string> => {
    const given = assets === undefined ? undefined : join(assets, program);
    if (given !== undefined && existsSync(given)) return given;
    const module = release === 'oldest' && program !== 'etcd' ? 'kubernetes-oldest' : 'kubernetes';
    return join(await build(module), program);
  };
  return {
    etcd: await locate('etcd'),
    'kube-apiserver': await locate('kube-apiserver'),
    'kube-controller-manager': await locate('kube-controller-manager'),
    kubectl: await locate('kubectl'),
  };
}
