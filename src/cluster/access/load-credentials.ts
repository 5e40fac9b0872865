import { existsSync } from 'node:fs';
import type { RequestOptions } from 'node:https';
import { delimiter, join } from 'node:path';
import type { Cluster, User } from '@kubernetes/client-node/dist/config_types.js';
import { ExecAuth } from '@kubernetes/client-node/dist/exec_auth.js';
import { FileAuth } from '@kubernetes/client-node/dist/file_auth.js';
import { asList, asObject, field } from '../../objects/fields.ts';
import { messageOf } from '../../objects/message-of.ts';
import type { Clock } from '../../runtime/clock.ts';
import { type Credentials, CredentialsError, type RequestCredentials, type TlsMaterial } from './credentials.ts';
import { inClusterContext } from './in-cluster.ts';
import { type KubeconfigContext, type KubeconfigFile, type ParseYaml, readKubeconfig } from './kubeconfig.ts';
import { readNamedFile } from './named-file.ts';
import { pluginProblem } from './plugin-problem.ts';

/** ClusterSources are what may name a cluster. */
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
  readonly clock: Pick<Clock, 'elapsed'>;
}

/** Files are read again after so long, as client-go reads tokens and CA files; kubelet renews them long before. */
const REREAD_MS = 60_000;

/**
 * loadCredentials finds the API server as kubectl does: from the kubeconfig given, else KUBECONFIG, else ~/.kube/config
 * where that counts, else as a pod finds its own. Throws with what is wrong and what to do.
 */
export function loadCredentials(sources: CredentialSources): Credentials {
  const { context, env, parseYaml, clock } = sources;
  const files = kubeconfigFiles(sources);
  if (files.length > 0) return new KubeconfigCredentials(readKubeconfig(files, context, parseYaml), clock);
  if (context !== undefined) throw new Error(`--context "${context}" needs a kubeconfig; ${noKubeconfig(sources)}`);
  const found = inClusterContext(env);
  if (found === undefined) throw new Error(`no cluster to talk to; ${noKubeconfig(sources)}`);
  return new KubeconfigCredentials(found, clock);
}

/**
 * namesCluster holds where there is a cluster to talk to: a kubeconfig is given or found, or this is a pod. What is
 * wrong with it loadCredentials says.
 */
export function namesCluster(sources: ClusterSources): boolean {
  const { kubeconfig, context, env } = sources;
  if (kubeconfig !== undefined || context !== undefined || env['KUBECONFIG']) return true;
  return kubeconfigFiles(sources).length > 0 || inClusterContext(env) !== undefined;
}

/** Of a list in KUBECONFIG kubectl passes over the files that do not exist; a list of nothing else is a mistake. */
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
    return 'KUBECONFIG is not set, ~/.kube/config does not exist, and this is no pod of a cluster: name a file with --kubeconfig';
  }
  return 'KUBECONFIG is not set, and this is no pod of a cluster: name a file with --kubeconfig (a server does not read ~/.kube/config), or run it with --standalone';
}

function serverOf({ name, server }: Cluster, origin: string): URL {
  // kubectl takes a host without a scheme for plain HTTP; a port alone would be a scheme to URL.
  if (!/^https?:\/\//i.test(server) || !URL.canParse(server)) {
    throw new Error(`${origin}: the server of cluster "${name}" is "${server}"; write it as https://HOST:PORT`);
  }
  return new URL(server);
}

interface Authenticator {
  applyAuthentication(user: User, options: RequestOptions): Promise<void>;
}

class KubeconfigCredentials implements Credentials {
  readonly server: URL;
  readonly proxy?: string;
  readonly origin: string;
  private readonly cluster: Cluster;
  private readonly user: User;
  private readonly clock: Pick<Clock, 'elapsed'>;
  private readonly authenticator: Promise<Authenticator | undefined>;
  private current: Promise<RequestCredentials> | undefined;
  private readAt = 0;
  private tls: TlsMaterial = {};

  constructor({ cluster, user, origin }: KubeconfigContext, clock: Pick<Clock, 'elapsed'>) {
    this.origin = origin;
    this.server = serverOf(cluster, origin);
    if (cluster.proxyUrl !== undefined) {
      if (!/^https?:/.test(cluster.proxyUrl) || !URL.canParse(cluster.proxyUrl)) {
        throw new Error(`${origin}: proxy-url is no HTTP proxy; write it as http://HOST:PORT`);
      }
      this.proxy = cluster.proxyUrl;
    }
    this.cluster = cluster;
    this.user = withExecInfo(user);
    this.clock = clock;
    this.authenticator = authenticatorOf(user);
    // The first who asks for access gets the error.
    this.authenticator.catch(() => undefined);
  }

  access(): Promise<RequestCredentials> {
    const now = this.clock.elapsed();
    if (this.current === undefined || now - this.readAt >= REREAD_MS) {
      this.readAt = now;
      this.current = this.read().catch((error: unknown) => {
        this.current = undefined;
        throw error;
      });
    }
    return this.current;
  }

  refused(): void {
    this.current = undefined;
  }

  private async read(): Promise<RequestCredentials> {
    const { cluster, user } = this;
    const options: RequestOptions = { headers: {} };
    const authenticator = await this.authenticator;
    try {
      await authenticator?.applyAuthentication(user, options);
    } catch (cause) {
      throw new CredentialsError(pluginProblem(user, cause), { cause });
    }
    const headers = headersOf(options);
    if (user.token) headers['authorization'] = `Bearer ${user.token}`;
    if (user.username) headers['authorization'] = `Basic ${btoa(`${user.username}:${user.password ?? ''}`)}`;
    if (user.impersonateUser) headers['impersonate-user'] = user.impersonateUser;
    const tls: TlsMaterial = {
      ...optional('ca', pem('certificate-authority', cluster.caFile, cluster.caData)),
      ...optional('cert', pemOf(options.cert) ?? pem('client-certificate', user.certFile, user.certData)),
      ...optional('key', pemOf(options.key) ?? pem('client-key', user.keyFile, user.keyData)),
      ...optional('servername', cluster.tlsServerName),
      ...(cluster.skipTLSVerify ? { rejectUnauthorized: false } : {}),
    };
    if (!sameMaterial(tls, this.tls)) this.tls = tls;
    return { headers, tls: this.tls };
  }
}

/** Loads what few need only for those who need it: the OpenID Connect client is large. */
async function authenticatorOf(user: User): Promise<Authenticator | undefined> {
  if (field(asObject(user.exec, 'exec'), 'command') !== undefined) return new ExecAuth();
  const provider = asObject(user.authProvider, 'auth-provider');
  const name = field(provider, 'name');
  if (name === undefined) return undefined;
  if (name === 'tokenFile') return new FileAuth();
  if (name === 'oidc') return new (await import('@kubernetes/client-node/dist/oidc_auth.js')).OpenIDConnectAuth();
  throw new CredentialsError(
    `user "${user.name}": auth-provider ${JSON.stringify(name)} is not supported; use an exec plugin, as kubectl does`,
  );
}

/** Plugins made with client-go, such as gke-gcloud-auth-plugin, end with an error without this. */
function withExecInfo(user: User): User {
  const exec = asObject(user.exec, 'exec');
  if (field(exec, 'command') === undefined) return user;
  const info = { apiVersion: field(exec, 'apiVersion'), kind: 'ExecCredential', spec: { interactive: false } };
  const env = [
    ...asList(field(exec, 'env'), 'exec.env'),
    { name: 'KUBERNETES_EXEC_INFO', value: JSON.stringify(info) },
  ];
  return { ...user, exec: { ...exec, env } };
}

function headersOf({ headers }: RequestOptions): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers ?? {})) found[name.toLowerCase()] = String(value).trim();
  return found;
}

/** What is no PEM at all would only be found by TLS, which would say that it trusts nobody. */
function pem(field: string, file: string | undefined, data: string | undefined): Buffer | undefined {
  if (!file && !data) return undefined;
  const shown = file ? `${field} ${file}` : `${field}-data`;
  const read = file ? fileOfUser(file, shown) : Buffer.from(data ?? '', 'base64');
  if (!read.includes('-----BEGIN ')) throw new CredentialsError(`${shown}: holds no PEM; correct it in the kubeconfig`);
  return read;
}

function fileOfUser(path: string, shown: string): Buffer {
  try {
    return readNamedFile(path, shown);
  } catch (cause) {
    throw new CredentialsError(`${messageOf(cause)}; correct the path in the kubeconfig, or log in again`, { cause });
  }
}

function pemOf(value: RequestOptions['cert'] | RequestOptions['key']): Buffer | undefined {
  return typeof value === 'string' || Buffer.isBuffer(value) ? Buffer.from(value) : undefined;
}

function optional<K extends keyof TlsMaterial>(key: K, value: TlsMaterial[K]): Pick<TlsMaterial, K> | object {
  return value === undefined ? {} : { [key]: value };
}

function sameMaterial(a: TlsMaterial, b: TlsMaterial): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
