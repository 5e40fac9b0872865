import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Clock } from '../../runtime/clock.ts';
import type { Credentials } from './credentials.ts';
import { inClusterContext } from './in-cluster.ts';
import { type KubeconfigFile, type ParseYaml, readKubeconfig } from './kubeconfig.ts';
import { KubeconfigCredentials } from './kubeconfig-credentials.ts';

/** ClusterSources are the inputs that may name a cluster. */
export interface ClusterSources {
  /** Value of `--kubeconfig`. */
  readonly kubeconfig?: string | undefined;
  /** Value of `--context`. */
  readonly context?: string | undefined;
  /** The environment: KUBECONFIG, KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are read, for a person also HOME. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether ~/.kube/config counts, as it does for kubectl: for a command that a person runs, never for a server. */
  readonly readsHome?: boolean | undefined;
}

/** CredentialSources are where credentials may come from. */
export interface CredentialSources extends ClusterSources {
  readonly parseYaml: ParseYaml;
  readonly clock: Pick<Clock, 'elapsed' | 'now'>;
}

/**
 * loadCredentials finds the API server as kubectl does: from the kubeconfig given, else KUBECONFIG, else ~/.kube/config
 * where that counts, else as a pod finds its own. Throws with what is wrong and what to do.
 */
export function loadCredentials(sources: CredentialSources): Credentials {
  const { context, env, parseYaml, clock } = sources;
  const files = kubeconfigFiles(sources);
  if (files.length > 0) return new KubeconfigCredentials(readKubeconfig(files, context, parseYaml), clock, env);
  if (context !== undefined) throw new Error(`--context "${context}" needs a kubeconfig; ${noKubeconfig(sources)}`);
  const found = inClusterContext(env);
  if (found === undefined) throw new Error(`no cluster to talk to; ${noKubeconfig(sources)}`);
  return new KubeconfigCredentials(found, clock, env);
}

/**
 * namesCluster holds if there is a cluster to talk to: a kubeconfig is given or found, or this is a pod.
 * loadCredentials reports any problem with it.
 */
export function namesCluster(sources: ClusterSources): boolean {
  const { kubeconfig, context, env } = sources;
  if (kubeconfig !== undefined || context !== undefined || env['KUBECONFIG']) return true;
  return kubeconfigFiles(sources).length > 0 || inClusterContext(env) !== undefined;
}

/** kubectl skips files in KUBECONFIG that do not exist; if none exists, it is a mistake. */
function kubeconfigFiles({ kubeconfig, env, readsHome }: ClusterSources): readonly KubeconfigFile[] {
  if (kubeconfig !== undefined) return [{ path: kubeconfig, shown: kubeconfig }];
  const listed = (env['KUBECONFIG'] ?? '').split(delimiter).filter(Boolean);
  const existing = listed.filter((path) => existsSync(path));
  if (listed.length > 0 && existing.length === 0) {
    throw new Error(
      `KUBECONFIG names no file that exists: ${listed.join(', ')}; correct it, or name a file with --kubeconfig`,
    );
  }
  const home = readsHome === true ? (env['HOME'] ?? env['USERPROFILE']) : undefined;
  if (listed.length > 0 || !home) return existing.map((path) => ({ path, shown: path }));
  const own = { path: join(home, '.kube', 'config'), shown: '~/.kube/config' };
  return existsSync(own.path) ? [own] : [];
}

function noKubeconfig({ readsHome }: ClusterSources): string {
  if (readsHome === true) {
    return 'KUBECONFIG is not set, ~/.kube/config does not exist, and this is not a pod of a cluster: name a file with --kubeconfig';
  }
  return 'KUBECONFIG is not set, and this is not a pod of a cluster: name a file with --kubeconfig (a server does not read ~/.kube/config), or run it with --standalone';
}
