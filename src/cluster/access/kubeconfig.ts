import { dirname, resolve, sep } from 'node:path';
import {
  type Cluster,
  newClusters,
  newContexts,
  newUsers,
  type User,
} from '@kubernetes/client-node/dist/config_types.js';
import { didYouMean } from '../../objects/did-you-mean.ts';
import { asList, asObject, field, type Json } from '../../objects/fields.ts';
import { messageOf } from '../../objects/message-of.ts';
import { readNamedFile } from './named-file.ts';

/** KubeconfigContext is a context of a kubeconfig: one cluster and one user. */
export interface KubeconfigContext {
  readonly cluster: Cluster;
  readonly user: User;
  /** Where both come from, as messages name it: `context "main" of ~/.kube/config`. */
  readonly origin: string;
}

/** KubeconfigFile is a file to read, and its name in messages. */
export interface KubeconfigFile {
  readonly path: string;
  readonly shown: string;
}

/** ParseYaml turns the text of a file into a value; `file` is its name in errors, which begin with it. */
export type ParseYaml = (text: string, file: string) => unknown;

/**
 * readKubeconfig reads one or more kubeconfig files as kubectl does: the first file to name a cluster, a user, a
 * context or the current context wins, and relative paths count from the file that has them. A context without a user
 * is one without credentials. Throws with the file, what is wrong and what to do.
 */
export function readKubeconfig(
  files: readonly KubeconfigFile[],
  context: string | undefined,
  parseYaml: ParseYaml,
): KubeconfigContext {
  const read = files.map((file) => readOne(file, parseYaml));
  const where = files.map(({ shown }) => shown).join(', ');
  const current = context ?? read.map((file) => file.currentContext).find((name) => name !== '');
  const contexts = read.flatMap((file) => file.contexts);
  if (current === undefined) throw new Error(`${where} ${noCurrentContext(contexts)}`);
  const chosen = named(contexts, current, 'context', where);
  const clusters = read.flatMap((file) => file.clusters);
  const users = read.flatMap((file) => file.users);
  return {
    cluster: named(clusters, chosen.cluster, 'cluster', where),
    user: chosen.user ? named(users, chosen.user, 'user', where) : { name: '' },
    origin: `context "${current}" of ${where}`,
  };
}

function readOne({ path, shown }: KubeconfigFile, parseYaml: ParseYaml) {
  const root = parseYaml(readNamedFile(path, `kubeconfig ${shown}`).toString('utf8'), shown);
  try {
    return contentOf(asObject(root, 'kubeconfig'), path);
  } catch (cause) {
    throw new Error(`${shown}: ${messageOf(cause)}`, { cause });
  }
}

function contentOf(root: Json, path: string) {
  const absolute = (file: string) => resolve(dirname(path), file);
  const current = field(root, 'current-context');
  return {
    currentContext: typeof current === 'string' ? current : '',
    contexts: newContexts(field(root, 'contexts')),
    clusters: newClusters(field(root, 'clusters')).map((cluster) => ({
      ...cluster,
      ...(cluster.caFile ? { caFile: absolute(cluster.caFile) } : {}),
    })),
    users: newUsers(asList(field(root, 'users'), 'users').map((user) => withTokenFile(user, absolute))).map((user) => ({
      ...user,
      ...(user.exec ? { exec: withCommand(asObject(user.exec, 'exec'), absolute) } : {}),
      ...(user.certFile ? { certFile: absolute(user.certFile) } : {}),
      ...(user.keyFile ? { keyFile: absolute(user.keyFile) } : {}),
    })),
  };
}

/** client-node knows a `tokenFile` only under `auth-provider`. */
function withTokenFile(entry: unknown, absolute: (file: string) => string): Json {
  const named = asObject(entry, 'users');
  const user = asObject(field(named, 'user'), 'user');
  const tokenFile = field(user, 'tokenFile');
  if (typeof tokenFile !== 'string' || tokenFile === '') return named;
  const provider = { name: 'tokenFile', config: { tokenFile: absolute(tokenFile) } };
  return { ...named, user: { ...user, 'auth-provider': provider } };
}

/** As for client-go, a relative path is one from the kubeconfig, and a bare name is looked up on the PATH. */
function withCommand(exec: Json, absolute: (file: string) => string): Json {
  const command = field(exec, 'command');
  return typeof command === 'string' && command.includes(sep) ? { ...exec, command: absolute(command) } : exec;
}

function noCurrentContext(contexts: readonly Named[]): string {
  if (contexts.length === 0) return 'has no contexts; name another kubeconfig with --kubeconfig';
  return `has no current-context; name one with --context: ${listed(contexts)}`;
}

function named<T extends Named>(all: readonly T[], name: string, what: string, where: string): T {
  const found = all.find((item) => item.name === name);
  if (found !== undefined) return found;
  const names = all.map((item) => item.name);
  const hint = didYouMean(name, names, `it has ${listed(all)}`);
  throw new Error(`${where} has no ${what} "${name}"; ${hint}`);
}

interface Named {
  readonly name: string;
}

/** For a longer list, the first ones show what kind of names there are. */
const LISTED = 10;

function listed(all: readonly Named[]): string {
  const names = all.slice(0, LISTED).map(({ name }) => name);
  const rest = all.length - names.length;
  return names.length === 0 ? 'none' : `${names.join(', ')}${rest === 0 ? '' : ` and ${rest} more`}`;
}
