import { readFileSync } from 'node:fs';
import type { RequestOptions } from 'node:https';
import { delimiter } from 'node:path';
import type { Cluster, User } from '@kubernetes/client-node/dist/config_types.js';
import { ExecAuth } from '@kubernetes/client-node/dist/exec_auth.js';
import { FileAuth } from '@kubernetes/client-node/dist/file_auth.js';
import { asList, asObject, field } from '../../objects/fields.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Credentials, RequestCredentials, TlsMaterial } from './credentials.ts';
import { inClusterContext } from './in-cluster.ts';
import { type KubeconfigContext, readKubeconfig } from './kubeconfig.ts';

/** CredentialSources are where credentials may come from. */
export interface CredentialSources {
  /** Value of `--kubeconfig`. */
  readonly kubeconfig?: string | undefined;
  /** Value of `--context`. */
  readonly context?: string | undefined;
  /** The environment: KUBECONFIG, KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are read. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly parseYaml: (text: string) => unknown;
  readonly clock: Pick<Clock, 'elapsed'>;
}

/** Files are read again after so long, as client-go reads tokens and CA files; kubelet renews them long before. */
const REREAD_MS = 60_000;

/** loadCredentials finds the API server: from the kubeconfig given, else KUBECONFIG, else as a pod finds its own. */
export function loadCredentials(sources: CredentialSources): Credentials {
  const { kubeconfig, context, env, parseYaml, clock } = sources;
  const paths = kubeconfig === undefined ? (env['KUBECONFIG'] ?? '').split(delimiter).filter(Boolean) : [kubeconfig];
  const found = paths.length > 0 ? readKubeconfig(paths, context, parseYaml) : inClusterContext(env);
  return new KubeconfigCredentials(found, clock);
}

interface Authenticator {
  applyAuthentication(user: User, options: RequestOptions): Promise<void>;
}

class KubeconfigCredentials implements Credentials {
  readonly server: URL;
  readonly proxy?: string;
  private readonly cluster: Cluster;
  private readonly user: User;
  private readonly clock: Pick<Clock, 'elapsed'>;
  private readonly authenticator: Promise<Authenticator | undefined>;
  private current: Promise<RequestCredentials> | undefined;
  private readAt = 0;
  private tls: TlsMaterial = {};

  constructor({ cluster, user }: KubeconfigContext, clock: Pick<Clock, 'elapsed'>) {
    this.server = new URL(cluster.server);
    if (cluster.proxyUrl !== undefined) {
      if (cluster.proxyUrl.startsWith('socks')) {
        throw new Error(`cluster "${cluster.name}": proxy-url ${cluster.proxyUrl} is not served; use an HTTP proxy`);
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
    await (await this.authenticator)?.applyAuthentication(user, options);
    const headers = headersOf(options);
    if (user.token) headers['authorization'] = `Bearer ${user.token}`;
    if (user.username) headers['authorization'] = `Basic ${btoa(`${user.username}:${user.password ?? ''}`)}`;
    if (user.impersonateUser) headers['impersonate-user'] = user.impersonateUser;
    const tls: TlsMaterial = {
      ...optional('ca', pem(cluster.caFile, cluster.caData)),
      ...optional('cert', pemOf(options.cert) ?? pem(user.certFile, user.certData)),
      ...optional('key', pemOf(options.key) ?? pem(user.keyFile, user.keyData)),
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
  throw new Error(
    `user "${user.name}": auth-provider ${JSON.stringify(name)} is not served; use an exec plugin, as kubectl does`,
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

function pem(file: string | undefined, data: string | undefined): Buffer | undefined {
  if (file) return readFileSync(file);
  return data ? Buffer.from(data, 'base64') : undefined;
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
