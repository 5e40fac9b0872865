import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import {
  type Cluster,
  newClusters,
  newContexts,
  newUsers,
  type User,
} from '@kubernetes/client-node/dist/config_types.js';
import { asList, asObject, field, type Json } from '../../objects/fields.ts';
import { messageOf } from '../../objects/message-of.ts';

/** KubeconfigContext is where a kubeconfig points: one cluster and one user. */
export interface KubeconfigContext {
  readonly cluster: Cluster;
  readonly user: User;
}

/**
 * readKubeconfig reads one or more kubeconfig files as kubectl does: the first file to name a cluster, a user, a
 * context or the current context wins, and relative paths count from the file that has them. `parseYaml` turns text
 * into a value. Throws with the file, what is wrong and what to do.
 */
export function readKubeconfig(
  paths: readonly string[],
  context: string | undefined,
  parseYaml: (text: string) => unknown,
): KubeconfigContext {
  const files = paths.map((path) => readOne(path, parseYaml));
  const where = paths.join(', ');
  const current = context ?? files.map((file) => file.currentContext).find((name) => name !== '');
  if (current === undefined) throw new Error(`${where}: has no current-context; name one with --context`);
  const chosen = named(
    files.flatMap((file) => file.contexts),
    current,
    'context',
    where,
  );
  return {
    cluster: named(
      files.flatMap((file) => file.clusters),
      chosen.cluster,
      'cluster',
      where,
    ),
    user: named(
      files.flatMap((file) => file.users),
      chosen.user ?? '',
      'user',
      where,
    ),
  };
}

function readOne(path: string, parseYaml: (text: string) => unknown) {
  try {
    const root = asObject(parseYaml(readFileSync(path, 'utf8')), 'kubeconfig');
    const absolute = (file: string) => resolve(dirname(path), file);
    const current = field(root, 'current-context');
    return {
      currentContext: typeof current === 'string' ? current : '',
      contexts: newContexts(field(root, 'contexts')),
      clusters: newClusters(field(root, 'clusters')).map((cluster) => ({
        ...cluster,
        ...(cluster.caFile ? { caFile: absolute(cluster.caFile) } : {}),
      })),
      users: newUsers(asList(field(root, 'users'), 'users').map((user) => withTokenFile(user, absolute))).map(
        (user) => ({
          ...user,
          ...(user.certFile ? { certFile: absolute(user.certFile) } : {}),
          ...(user.keyFile ? { keyFile: absolute(user.keyFile) } : {}),
        }),
      ),
    };
  } catch (cause) {
    throw new Error(`${path}: ${messageOf(cause)}`, { cause });
  }
}

/** client-node reads a `tokenFile` once; under `auth-provider` it reads it again every minute. */
function withTokenFile(entry: unknown, absolute: (file: string) => string): Json {
  const named = asObject(entry, 'users');
  const user = asObject(field(named, 'user'), 'user');
  const tokenFile = field(user, 'tokenFile');
  if (typeof tokenFile !== 'string' || tokenFile === '') return named;
  const provider = { name: 'tokenFile', config: { tokenFile: absolute(tokenFile) } };
  return { ...named, user: { ...user, 'auth-provider': provider } };
}

function named<T extends { readonly name: string }>(all: readonly T[], name: string, what: string, where: string): T {
  const found = all.find((item) => item.name === name);
  if (found !== undefined) return found;
  const known = all.map((item) => item.name).join(', ');
  throw new Error(`${where}: has no ${what} "${name}"; it has ${known === '' ? 'none' : known}`);
}
