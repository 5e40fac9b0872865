import type { Cluster, User } from '@kubernetes/client-node/dist/config_types.js';
import type { OpenIDConnectAuth } from '@kubernetes/client-node/dist/oidc_auth.js';
import { asObject, field, type Json } from '../../objects/fields.ts';
import { messageOf } from '../../objects/message-of.ts';
import type { Clock } from '../../runtime/clock.ts';
import { type Credentials, CredentialsError, type RequestCredentials, type TlsMaterial } from './credentials.ts';
import { askPlugin, type Environment, type ExecCredentials } from './exec-plugin.ts';
import type { KubeconfigContext } from './kubeconfig.ts';
import { readNamedFile } from './named-file.ts';
import { shortened } from './shortened.ts';

/** Where client-node keeps the `tokenFile` of a user. */
const TOKEN_FILE = 'tokenFile';

/** Files are read again after so long, as client-go reads tokens and CA files; kubelet renews them long before. */
const REREAD_MS = 60_000;

/**
 * KubeconfigCredentials are those of one context. Files are read again in time, and plugins run again when necessary.
 */
export class KubeconfigCredentials implements Credentials {
  readonly server: URL;
  readonly proxy?: string;
  readonly origin: string;
  private readonly cluster: Cluster;
  private readonly user: User;
  private readonly clock: Pick<Clock, 'elapsed' | 'now'>;
  private readonly env: Environment;
  private fromPlugin: ExecCredentials | undefined;
  private oidc: Promise<OpenIDConnectAuth> | undefined;
  private current: Promise<RequestCredentials> | undefined;
  private readAt = 0;
  private tls: TlsMaterial = {};

  constructor({ cluster, user, origin }: KubeconfigContext, clock: Pick<Clock, 'elapsed' | 'now'>, env: Environment) {
    this.origin = origin;
    this.server = serverOf(cluster, origin);
    if (cluster.proxyUrl !== undefined) {
      if (!/^https?:/.test(cluster.proxyUrl) || !URL.canParse(cluster.proxyUrl)) {
        throw new Error(`${origin}: proxy-url is not an HTTP proxy; write it as http://HOST:PORT`);
      }
      this.proxy = cluster.proxyUrl;
    }
    this.cluster = cluster;
    this.user = user;
    this.clock = clock;
    this.env = env;
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
    this.fromPlugin = undefined;
  }

  private async read(): Promise<RequestCredentials> {
    const plugin = await this.askedPlugin();
    const headers = await this.headers(plugin);
    const tls = tlsOf(this.cluster, this.user, plugin);
    if (!sameMaterial(tls, this.tls)) this.tls = tls;
    return { headers, tls: this.tls };
  }

  private async headers(plugin: ExecCredentials | undefined): Promise<RequestCredentials['headers']> {
    const { user } = this;
    const token = user.token || tokenOfFile(user) || plugin?.token;
    return {
      ...(await this.headersOfProvider()),
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(user.username ? { authorization: `Basic ${btoa(`${user.username}:${user.password ?? ''}`)}` } : {}),
      ...(user.impersonateUser ? { 'impersonate-user': user.impersonateUser } : {}),
    };
  }

  /** Credentials of a plugin are valid until they expire or are refused. */
  private async askedPlugin(): Promise<ExecCredentials | undefined> {
    const exec = asObject(this.user.exec, 'exec');
    if (field(exec, 'command') === undefined) return undefined;
    const { expires = Number.POSITIVE_INFINITY } = this.fromPlugin ?? { expires: 0 };
    if (expires <= this.clock.now()) {
      this.fromPlugin = await askPlugin({ exec, user: this.user.name, env: this.env });
    }
    return this.fromPlugin;
  }

  private async headersOfProvider(): Promise<{ readonly authorization?: string }> {
    const { user } = this;
    const name = field(providerOf(user), 'name');
    if (name === undefined || name === TOKEN_FILE) return {};
    if (name !== 'oidc') {
      throw new CredentialsError(
        `user "${user.name}": auth-provider ${JSON.stringify(name)} is not supported; use an exec plugin, as kubectl does`,
      );
    }
    const options = { headers: {} };
    try {
      await (await this.openIdConnect()).applyAuthentication(user, options);
    } catch (cause) {
      throw new CredentialsError(`user "${user.name}" has no token: ${shortened(messageOf(cause))}; log in again`, {
        cause,
      });
    }
    const authorization = field(options.headers, 'Authorization');
    return typeof authorization === 'string' ? { authorization } : {};
  }

  /** It knows when its token expires. It is large, and few need it. */
  private openIdConnect(): Promise<OpenIDConnectAuth> {
    this.oidc ??= import('@kubernetes/client-node/dist/oidc_auth.js').then((module) => new module.OpenIDConnectAuth());
    return this.oidc;
  }
}

function tlsOf(cluster: Cluster, user: User, plugin: ExecCredentials | undefined): TlsMaterial {
  return {
    ...optional('ca', pem('certificate-authority', cluster.caFile, cluster.caData)),
    ...optional('cert', bytesOf(plugin?.cert) ?? pem('client-certificate', user.certFile, user.certData)),
    ...optional('key', bytesOf(plugin?.key) ?? pem('client-key', user.keyFile, user.keyData)),
    ...optional('servername', cluster.tlsServerName),
    ...(cluster.skipTLSVerify ? { rejectUnauthorized: false } : {}),
  };
}

function tokenOfFile(user: User): string {
  const provider = providerOf(user);
  const path = field(asObject(field(provider, 'config'), 'auth-provider.config'), TOKEN_FILE);
  if (field(provider, 'name') !== TOKEN_FILE || typeof path !== 'string') return '';
  return fileOfUser(path, `${TOKEN_FILE} ${path}`).toString('utf8').trim();
}

function providerOf(user: User): Json {
  return asObject(user.authProvider, 'auth-provider');
}

/** Otherwise only TLS would find what is not PEM, and would report that it trusts no one. */
function pem(field: string, file: string | undefined, data: string | undefined): Buffer | undefined {
  if (!file && !data) return undefined;
  const shown = file ? `${field} ${file}` : `${field}-data`;
  const read = file ? fileOfUser(file, shown) : Buffer.from(data ?? '', 'base64');
  if (!read.includes('-----BEGIN '))
    throw new CredentialsError(`${shown}: contains no PEM; correct it in the kubeconfig`);
  return read;
}

function fileOfUser(path: string, shown: string): Buffer {
  try {
    return readNamedFile(path, shown);
  } catch (cause) {
    throw new CredentialsError(`${messageOf(cause)}; correct the path in the kubeconfig, or log in again`, { cause });
  }
}

function bytesOf(text: string | undefined): Buffer | undefined {
  return text === undefined ? undefined : Buffer.from(text);
}

function optional<K extends keyof TlsMaterial>(key: K, value: TlsMaterial[K]): Pick<TlsMaterial, K> | object {
  return value === undefined ? {} : { [key]: value };
}

function sameMaterial(a: TlsMaterial, b: TlsMaterial): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function serverOf({ name, server }: Cluster, origin: string): URL {
  // kubectl treats a host without a scheme as plain HTTP; URL would parse host:port as a scheme.
  if (!/^https?:\/\//i.test(server) || !URL.canParse(server)) {
    throw new Error(`${origin}: the server of cluster "${name}" is "${server}"; write it as https://HOST:PORT`);
  }
  return new URL(server);
}
