import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { asList, asObject, asString, field, isObject, type Json } from '../../objects/fields.ts';
import { messageOf } from '../../objects/message-of.ts';
import { CredentialsError } from './credentials.ts';
import { shortened } from './shortened.ts';

/** ExecCredentials are what a plugin gives: a token, or a certificate with its key in PEM, or both. */
export interface ExecCredentials {
  readonly token?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** When they expire, in milliseconds since the epoch; undefined if unknown. */
  readonly expires?: number | undefined;
}

/** PluginLimits bound a plugin, which may ask its user to log in, or wait forever. */
export interface PluginLimits {
  readonly milliseconds: number;
  readonly bytes: number;
}

const LIMITS: PluginLimits = { milliseconds: 60_000, bytes: 1024 * 1024 };

/** ExecPlugin is the `exec` of a kubeconfig's user (client.authentication.k8s.io). */
export interface ExecPlugin {
  readonly exec: Json;
  /** The user's name. */
  readonly user: string;
  /** Its environment, without the additions of the kubeconfig. */
  readonly env: Environment;
}

/** Environment is a process's, by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * askPlugin runs a plugin, without a terminal, and returns what it prints. Throws CredentialsError with the plugin, the
 * problem and what to do.
 */
export async function askPlugin({ exec, user, env }: ExecPlugin, limits = LIMITS): Promise<ExecCredentials> {
  const command = String(field(exec, 'command'));
  const plugin = `the exec plugin "${command}" of user "${user}"`;
  const args = asList(field(exec, 'args'), 'exec.args').map(String);
  const child = spawn(command, args, { env: environmentOf(exec, env), stdio: ['ignore', 'pipe', 'pipe'] });
  const printed = { out: '', err: '' };
  child.stdout
    .setEncoding('utf8')
    .on('data', (text: string) => (printed.out = kept(child, printed.out + text, limits)));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (printed.err = (printed.err + text).slice(0, 1000)));
  // Its child processes may hold its pipes open: then nothing waits for their end.
  const timer = setTimeout(() => stop(child), limits.milliseconds);
  try {
    await once(child, 'close');
    if (child.killed) {
      throw new CredentialsError(`${plugin} ${tooMuch(printed.out, limits)}; log in again, or run it by hand`);
    }
    if (child.exitCode !== 0)
      throw new CredentialsError(`${plugin} failed${said(printed.err)}; log in again, or run it by hand`);
  } catch (error) {
    throw error instanceof CredentialsError
      ? error
      : new CredentialsError(notStarted(plugin, exec, error), { cause: error });
  } finally {
    clearTimeout(timer);
  }
  return credentialsOf(printed.out, plugin);
}

function kept(child: ChildProcess, text: string, { bytes }: PluginLimits): string {
  if (text.length > bytes) stop(child);
  return text.slice(0, bytes + 1);
}

function stop(child: ChildProcess): void {
  child.kill('SIGKILL');
  child.stdout?.destroy();
  child.stderr?.destroy();
}

function tooMuch(out: string, { milliseconds, bytes }: PluginLimits): string {
  return out.length > bytes ? 'printed too much' : `did not end within ${milliseconds / 1000} s`;
}

/** Plugins made with client-go, such as gke-gcloud-auth-plugin, end with an error without KUBERNETES_EXEC_INFO. */
function environmentOf(exec: Json, env: Environment): Environment {
  const info = { apiVersion: field(exec, 'apiVersion'), kind: 'ExecCredential', spec: { interactive: false } };
  const own: Record<string, string> = {};
  for (const [i, item] of asList(field(exec, 'env'), 'exec.env').entries()) {
    const at = `exec.env[${i}]`;
    const pair = asObject(item, at);
    own[asString(field(pair, 'name'), `${at}.name`)] = asString(field(pair, 'value') ?? '', `${at}.value`);
  }
  return { ...env, ...own, KUBERNETES_EXEC_INFO: JSON.stringify(info) };
}

function notStarted(plugin: string, exec: Json, error: unknown): string {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) {
    return `${plugin} cannot be run: ${shortened(messageOf(error))}; log in another way, or name another context with --context`;
  }
  const hint = field(exec, 'installHint');
  const todo = typeof hint === 'string' ? shortened(hint) : 'install it, or name another context with --context';
  return `${plugin} is not installed, or not on the PATH; ${todo}`;
}

function said(err: string): string {
  const line = shortened(err);
  return line === '' ? ' without a message' : `: ${line}`;
}

function credentialsOf(out: string, plugin: string): ExecCredentials {
  const printed = jsonOf(out);
  const status = isObject(printed) ? field(printed, 'status') : undefined;
  const textAt = (key: string) => {
    const value = isObject(status) ? field(status, key) : undefined;
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const [token, cert, key] = [textAt('token'), textAt('clientCertificateData'), textAt('clientKeyData')];
  if (token === undefined && (cert === undefined || key === undefined)) {
    throw new CredentialsError(
      `${plugin} did not print an ExecCredential with a token or a certificate; run it by hand to see what it prints`,
    );
  }
  const expires = Date.parse(textAt('expirationTimestamp') ?? '');
  return { token, cert, key, expires: Number.isNaN(expires) ? undefined : expires };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
