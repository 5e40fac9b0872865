import { type Release, webhookEntries } from '../../admission/registration/entries.ts';
import { webhookConfigurations } from '../../admission/registration/webhook-configurations.ts';
import type { PathOptions } from '../../admission/server/path-secret.ts';
import { UsageError, usageErrorOf } from '../../cli/command.ts';
import type { ServeOptions } from '../../cli/options.ts';
import type { TlsSettings } from '../../config/tls.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Logger as ClusterLogger } from '../../runtime/logger.ts';
import type { PollObserver } from '../../runtime/poll.ts';
import type { CertificateFiles } from '../../tls/certificate-files.ts';
import { loadClientAuthority, watchClientAuthority } from '../../tls/client-authority.ts';
import { loadPathSecrets, type PathSecretFile, watchPathSecrets } from '../../tls/rotation/path-secret-file.ts';
import {
  certificateForLoopback,
  certificateFromFiles,
  type PathAccess,
  type ServingCertificate,
} from '../../tls/serving-certificate.ts';
import { canonicalName } from '../../tls/x509/host-name.ts';
import type { Metrics } from './metrics/admission.ts';
import { type SecureContext, type SecureServer, ShownCertificate } from './shown-certificate.ts';
import type { ClusterFacts } from './snapshot-source.ts';

/** CertificateSource is the source of the serving certificate: files, netpol-guard's Secret, or one made at start. */
export type CertificateSource =
  | { readonly kind: 'files'; readonly files: CertificateFiles }
  | { readonly kind: 'secret'; readonly namespace: string; readonly name: string }
  | { readonly kind: 'loopback' };

/** CertificateParts are the inputs for making a serving certificate and keeping it current. */
export interface CertificateParts {
  readonly source: CertificateSource;
  /** The secrets of the paths, if others make the certificate or the address. */
  readonly pathSecretFile: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly tls: () => TlsSettings;
  /** Absent where there is no cluster. */
  readonly live: Pick<ClusterFacts, 'client' | 'clock' | 'serverNow'> | undefined;
  readonly metrics: Metrics['certificates'];
  readonly log: ClusterLogger;
  /** Records an Event. */
  readonly warn: (reason: string, message: string) => void;
}

/** Security is the server's certificate, and the clients that it admits. */
export interface Security {
  readonly context: () => SecureContext;
  /** See ServerOptions. */
  readonly clientNames?: readonly string[] | undefined;
  readonly paths: PathOptions;
  readonly notReady: () => readonly string[];
  /** Path of the CA that signed a certificate for only this machine. */
  readonly authority?: string | undefined;
  /** follow updates a server, and returns a function that stops it. */
  readonly follow: (server: SecureServer) => () => void;
  readonly discard: () => Promise<void>;
}

/** What it is called does not matter to the names and paths of the webhooks. */
const RELEASE: Release = { namespace: '', serviceAccount: '' };

const FLAGS = '--tls-cert-file and --tls-private-key-file';

/**
 * certificateSource decides where the serving certificate comes from. Throws UsageError if the settings contradict each
 * other.
 */
export function certificateSource(
  { tls: files, standalone }: Pick<ServeOptions, 'tls' | 'standalone'>,
  { mode }: Pick<TlsSettings, 'mode'>,
  env: CertificateParts['env'],
): CertificateSource {
  if (files !== undefined) {
    if (mode === 'selfSigned')
      throw new UsageError(`tls.mode is selfSigned, which cannot be used with ${FLAGS}; remove one of them`);
    return { kind: 'files', files };
  }
  if (mode === 'certManager' || mode === 'existingSecret') {
    throw new UsageError(`tls.mode is ${mode}, so serve needs ${FLAGS}: the files of the mounted Secret`);
  }
  if (standalone) return { kind: 'loopback' };
  const namespace = env['POD_NAMESPACE'];
  if (namespace) return { kind: 'secret', namespace, name: env['RELEASE_NAME'] || 'netpol-guard' };
  throw new UsageError(
    `serve needs ${FLAGS}, or POD_NAMESPACE for the namespace of its Secret; with --standalone it makes its own certificate`,
  );
}

/** openSecurity opens the serving certificate and the CA of clients. Throws UsageError if files cannot be read. */
export async function openSecurity(parts: CertificateParts): Promise<Security> {
  const { metrics, log } = parts;
  const { clientCAFile, clientNames } = parts.tls();
  const shown = new ShownCertificate(metrics, log);
  const clients = clientCAFile === undefined ? undefined : await openClients(clientCAFile, shown, parts);
  const certificate = await openCertificate(parts, shown);
  const ofFile = parts.pathSecretFile === undefined ? undefined : await openPathSecrets(parts.pathSecretFile, parts);
  return {
    context: () => shown.context(),
    clientNames: clients && clientNames,
    paths: pathOptions(certificate.paths, ofFile),
    notReady: certificate.notReady,
    authority: certificate.authority,
    discard: async () => {
      clients?.stop();
      ofFile?.stop();
      await certificate.discard();
    },
    follow: (server) => shown.showOn(server),
  };
}

interface OpenFile {
  readonly stop: () => void;
}

async function openClients(file: string, shown: ShownCertificate, { clock, log }: CertificateParts): Promise<OpenFile> {
  const first = await orUsage(loadClientAuthority(file));
  shown.trust(first);
  const observer: PollObserver<string> = {
    changed: (ca) => {
      shown.trust(ca);
      log.info({ clientCAFile: file }, 'client CA bundle reloaded');
    },
    failed: (error) => shown.failed(error),
  };
  return { stop: watchClientAuthority(file, first, observer, clock) };
}

async function openCertificate(parts: CertificateParts, shown: ShownCertificate): Promise<ServingCertificate> {
  const { source, env, clock, live } = parts;
  if (source.kind === 'files') return orUsage(certificateFromFiles(source.files, shown, clock));
  if (source.kind === 'loopback' || live === undefined) {
    return certificateForLoopback(clock.now(), env['TMPDIR'] ?? '/tmp', shown);
  }
  const { namespace, name } = source;
  const names = servingNames(env['SERVICE_NAME'] || name, namespace, env['WEBHOOK_URL_HOST']);
  const { keepCertificate } = await import('./secret-certificate.ts');
  const configurations = webhookConfigurations(RELEASE, { url: 'https://localhost' });
  const kept = {
    ...parts,
    ...live,
    clock: { ...live.clock, now: live.serverNow },
    namespace,
    secret: name,
    configurations: configurations.map(({ kind, metadata }) => ({ kind, name: metadata.name })),
    plainPaths: new Map(webhookEntries(RELEASE).map(({ name, path }) => [name, path])),
    settings: () => ({ ...parts.tls(), names }),
  };
  return keepCertificate(kept, shown);
}

/** Accepted by either: the paths that the process keeps, and those that it was given. */
function pathOptions(kept: PathAccess | undefined, ofFile: OpenPathSecrets | undefined): PathOptions {
  if (kept === undefined && ofFile === undefined) return {};
  return {
    pathSecrets: () => [...(kept?.secrets() ?? []), ...(ofFile?.current().secrets ?? [])],
    plainPaths: () => ofFile?.current().plain === true || kept?.plain() === true,
    otherPaths: kept && ((secret: string | undefined) => kept.ask(secret)),
  };
}

interface OpenPathSecrets extends OpenFile {
  readonly current: () => PathSecretFile;
}

async function openPathSecrets(
  file: string,
  { clock, log }: Pick<CertificateParts, 'clock' | 'log'>,
): Promise<OpenPathSecrets> {
  const first = await orUsage(loadPathSecrets(file));
  let current = first;
  const observer: PollObserver<PathSecretFile> = {
    changed: (next) => {
      current = next;
      log.info({ file }, 'path secrets reloaded');
    },
    failed: ({ message }) =>
      log.error({ problem: message }, 'cannot read the path secrets; keeping the last good ones'),
  };
  const stop = watchPathSecrets(file, first, observer, clock);
  return { current: () => current, stop };
}

/** The API server uses the first one; the others are for people, and for calls by address. */
function servingNames(service: string, namespace: string, urlHost: string | undefined): readonly string[] {
  const name = `${service}.${namespace}`;
  return [`${name}.svc`, name, `${name}.svc.cluster.local`, ...(urlHost ? [canonicalName(urlHost)] : [])];
}

async function orUsage<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw usageErrorOf(error);
  }
}
