import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Release is a folder beside this file: a Go module that pins one version of Kubernetes. */
export type Release = 'current' | 'oldest';

/** Program is what a control plane is made of, and its client. */
export type Program = 'etcd' | 'kube-apiserver' | 'kube-controller-manager' | 'kubectl';

const KUBERNETES = ['kube-apiserver', 'kube-controller-manager', 'kubectl'] as const;

/** The programs each module builds. The oldest Kubernetes runs on the current etcd. */
const BUILT: Record<Release, readonly Program[]> = {
  current: ['etcd', ...KUBERNETES],
  oldest: KUBERNETES,
};

/**
 * findPrograms gives the path of every program of a release, and builds what is missing.
 *
 * `KUBEBUILDER_ASSETS` (the envtest convention) goes first for the current release. Its folder has no
 * kube-controller-manager as published; a program that is not in it is built.
 */
export function findPrograms(release: Release): Record<Program, string> {
  const assets = release === 'current' ? process.env['KUBEBUILDER_ASSETS'] : undefined;
  const locate = (program: Program): string => {
    const given = assets === undefined ? undefined : join(assets, program);
    if (given !== undefined && existsSync(given)) return given;
    return join(build(BUILT[release].includes(program) ? release : 'current'), program);
  };
  return {
    etcd: locate('etcd'),
    'kube-apiserver': locate('kube-apiserver'),
    'kube-controller-manager': locate('kube-controller-manager'),
    kubectl: locate('kubectl'),
  };
}

/**
 * build compiles a release with Go and returns the folder of its programs; a release built before is taken from the
 * cache (`$XDG_CACHE_HOME/netpol-guard/controlplane/<key>`). Cold it takes about five minutes on two cores.
 */
export function build(release: Release): string {
  const module = join(import.meta.dirname, release);
  const folder = join(cacheHome(), 'netpol-guard', 'controlplane', `${release}-${cacheKey(module)}`);
  if (existsSync(folder)) return folder;

  mkdirSync(join(folder, '..'), { recursive: true });
  const unfinished = mkdtempSync(`${folder}.`);
  try {
    process.stderr.write(`building Kubernetes (${release}) into ${folder}; the first time takes minutes\n`);
    const flags = ['-trimpath', '-buildvcs=false', '-ldflags', linkerFlags(module)];
    const kubernetes = BUILT[release].filter((program) => program !== 'etcd');
    go(module, [
      'build',
      ...flags,
      '-o',
      `${unfinished}/`,
      ...kubernetes.map((name) => `k8s.io/kubernetes/cmd/${name}`),
    ]);
    if (BUILT[release].includes('etcd')) {
      go(module, ['build', ...flags, '-o', join(unfinished, 'etcd'), 'go.etcd.io/etcd/server/v3']);
    }
    if (!existsSync(folder)) renameSync(unfinished, folder);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  return folder;
}

function cacheHome(): string {
  return process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
}

function cacheKey(module: string): string {
  const version = execFileSync('go', ['env', 'GOVERSION'], { cwd: module });
  const hash = createHash('sha256').update(version);
  for (const file of ['go.mod', 'go.sum']) hash.update(readFileSync(join(module, file)));
  return hash.digest('hex').slice(0, 16);
}

/** linkerFlags stamp the version that Kubernetes' own release scripts would; `kubectl version` and `/version` show it. */
function linkerFlags(module: string): string {
  const found = /k8s\.io\/kubernetes v((\d+)\.(\d+)\.\d+)/.exec(readFileSync(join(module, 'go.mod'), 'utf8'));
  if (found === null) throw new Error(`${module}/go.mod: requires no version of k8s.io/kubernetes; add one`);
  const [, version, major, minor] = found;
  const stamp = `-X k8s.io/component-base/version`;
  return `-s -w ${stamp}.gitVersion=v${version} ${stamp}.gitMajor=${major} ${stamp}.gitMinor=${minor}`;
}

function go(module: string, args: readonly string[]): void {
  const env = { ...process.env, CGO_ENABLED: '0', GOWORK: 'off' };
  execFileSync('go', args, { cwd: module, env, stdio: ['ignore', 'inherit', 'inherit'] });
}
