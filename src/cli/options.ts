import { ENFORCEMENTS, type Enforcement } from '../admission-policies/actions.ts';
import { LOG_LEVELS, type LogLevel } from '../runtime/log-level.ts';
import { type Parsed, UsageError } from './command.ts';

/** ScanOptions are the flags of `netpol-guard scan`. */
export interface ScanOptions {
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly config?: string | undefined;
  /** The namespaces to judge, by name or glob; all if there are none. */
  readonly namespaces?: readonly string[] | undefined;
  /** The default of `enforce`; the configuration's if absent. */
  readonly level?: 'standard' | 'strict' | undefined;
  readonly format: 'text' | 'json';
}

/** CleanupOptions are the flags of `netpol-guard cleanup`. */
export interface CleanupOptions {
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  /** Whether to delete, and not only to print. */
  readonly deleteBaseline: boolean;
}

/** ServeOptions are the flags of `netpol-guard serve`. */
export interface ServeOptions {
  readonly config?: string | undefined;
  readonly kubeconfig?: string | undefined;
  readonly bindAddress?: string | undefined;
  /** 0 takes a free one. If absent, the standard one: 10250 here, 8081 and 8080 below. */
  readonly port?: number | undefined;
  readonly healthPort?: number | undefined;
  readonly metricsPort?: number | undefined;
  /** Both files or neither. */
  readonly tls?: { readonly certFile: string; readonly privateKeyFile: string } | undefined;
  /** The file of the secrets at the end of paths. */
  readonly pathSecretFile?: string | undefined;
  readonly logLevel: LogLevel;
  /**
   * How long it keeps answering requests after the signal to stop, before anything closes; the usual time if absent.
   */
  readonly shutdownDelaySeconds?: number | undefined;
  readonly standalone: boolean;
  /** Only with `standalone`. */
  readonly manifests?: string | undefined;
}

/** LintOptions are the flags of `netpol-guard lint`. */
export interface LintOptions {
  /** Files, folders and `-`. */
  readonly paths: readonly string[];
  /** The default of `enforce`; the configuration's if absent. */
  readonly level?: 'standard' | 'strict' | undefined;
  readonly config?: string | undefined;
  /** For policies that name none. */
  readonly namespace: string;
  /** Whether the level labels of Namespaces among the files are ignored. */
  readonly ignoreLabels?: boolean | undefined;
  /** Whether having no policy to judge is not a failure. */
  readonly allowEmpty?: boolean | undefined;
  readonly format: 'text' | 'json' | 'sarif' | 'github';
  /** Of netpol-guard, for SARIF. */
  readonly version: string;
}

/** BaselineOptions are the flags of `netpol-guard baseline`. */
export interface BaselineOptions {
  /** Its name is written into the policies; without it they belong wherever they are applied. */
  readonly namespace?: string | undefined;
  /** Else the one of the namespace in the cluster, else the configuration's default. */
  readonly template?: string | undefined;
  readonly config?: string | undefined;
  /** The cluster in which to discover DNS and the API server; by default the one that kubectl would use. */
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  /** Whether to use no cluster. */
  readonly offline?: boolean | undefined;
  /** Whether a kustomize component is wanted. */
  readonly kustomize: boolean;
  /** The folder to write files into; else they are printed. */
  readonly output?: string | undefined;
}

/** AdmissionPoliciesOptions are the flags of `netpol-guard admission-policies`. */
export interface AdmissionPoliciesOptions {
  readonly config?: string | undefined;
  /** The namespace and account that netpol-guard runs with. */
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly enforcement: Enforcement;
  /** Whether the API server should read them from a folder when it starts. */
  readonly isStatic: boolean;
  /** Whether the webhook fails open for NetworkPolicies, or does not exist. */
  readonly failsOpen: boolean;
}

/** lintOptions reads the flags of `lint`; `version` is netpol-guard's own. */
export function lintOptions(parsed: Parsed, version: string): LintOptions {
  const format = parsed.value('format');
  return {
    paths: parsed.positionals,
    ...levelOf(parsed),
    ...given(parsed, 'config'),
    namespace: parsed.value('namespace') ?? 'default',
    ignoreLabels: parsed.has('ignore-labels') || undefined,
    allowEmpty: parsed.has('allow-empty') || undefined,
    format: format === 'json' || format === 'sarif' || format === 'github' ? format : 'text',
    version,
  };
}

/** scanOptions reads the flags of `scan`. Throws UsageError if they contradict each other. */
export function scanOptions(parsed: Parsed): ScanOptions {
  return {
    ...given(parsed, 'kubeconfig'),
    ...given(parsed, 'context'),
    ...given(parsed, 'config'),
    ...namespacesOf(parsed),
    ...levelOf(parsed),
    format: parsed.value('format') === 'json' ? 'json' : 'text',
  };
}

/** baselineOptions reads the flags of `baseline`. Throws UsageError if they contradict each other. */
export function baselineOptions(parsed: Parsed): BaselineOptions {
  return {
    ...given(parsed, 'namespace'),
    ...given(parsed, 'template'),
    ...given(parsed, 'config'),
    ...given(parsed, 'kubeconfig'),
    ...given(parsed, 'context'),
    offline: offlineOf(parsed),
    kustomize: parsed.has('kustomize'),
    ...given(parsed, 'output'),
  };
}

/** cleanupOptions reads the flags of `cleanup`. */
export function cleanupOptions(parsed: Parsed): CleanupOptions {
  return {
    ...given(parsed, 'kubeconfig'),
    ...given(parsed, 'context'),
    deleteBaseline: parsed.has('delete-baseline'),
  };
}

/** admissionPoliciesOptions reads the flags of `admission-policies`. */
export function admissionPoliciesOptions(parsed: Parsed): AdmissionPoliciesOptions {
  return {
    ...given(parsed, 'config'),
    namespace: parsed.value('namespace') ?? 'netpol-guard',
    serviceAccount: parsed.value('service-account') ?? 'netpol-guard',
    enforcement: ENFORCEMENTS.find((one) => one === parsed.value('enforcement')) ?? 'enforce',
    isStatic: parsed.has('static'),
    failsOpen: parsed.has('fails-open'),
  };
}

/** serveOptions reads the flags of `serve`. Throws UsageError if they contradict each other. */
export function serveOptions(parsed: Parsed): ServeOptions {
  const tls = tlsOf(parsed);
  demandAgreement(parsed);
  const bindAddress = parsed.value('bind-address');
  const pathSecretFile = parsed.value('path-secret-file');
  return {
    ...given(parsed, 'config'),
    ...given(parsed, 'kubeconfig'),
    bindAddress,
    port: portOf(parsed, 'port'),
    healthPort: portOf(parsed, 'health-port'),
    metricsPort: portOf(parsed, 'metrics-port'),
    tls,
    pathSecretFile,
    logLevel: LOG_LEVELS.find((level) => level === parsed.value('log-level')) ?? 'info',
    ...shutdownDelayOf(parsed),
    standalone: parsed.has('standalone'),
    ...given(parsed, 'manifests'),
  };
}

function tlsOf(parsed: Parsed): ServeOptions['tls'] {
  const certFile = parsed.value('tls-cert-file');
  const privateKeyFile = parsed.value('tls-private-key-file');
  if (certFile !== undefined && privateKeyFile !== undefined) return { certFile, privateKeyFile };
  if (certFile === undefined && privateKeyFile === undefined) return undefined;
  throw new UsageError('give both --tls-cert-file and --tls-private-key-file, or neither');
}

function demandAgreement(parsed: Parsed): void {
  const standalone = parsed.has('standalone');
  if (parsed.has('manifests') && !standalone) throw new UsageError('--manifests needs --standalone');
  if (parsed.has('kubeconfig') && standalone) throw new UsageError('--kubeconfig cannot be used with --standalone');
  if (parsed.has('path-secret-file') && standalone) {
    throw new UsageError('--path-secret-file cannot be used with --standalone, whose paths have no secret');
  }
}

function shutdownDelayOf(parsed: Parsed): { readonly shutdownDelaySeconds?: number } {
  const value = parsed.value('shutdown-delay');
  if (value === undefined) return {};
  if (!/^\d{1,3}$/.test(value))
    throw new UsageError(`--shutdown-delay: "${value}" is not a number of seconds up to 999`);
  return { shutdownDelaySeconds: Number(value) };
}

function portOf(parsed: Parsed, flag: string): number | undefined {
  const value = parsed.value(flag);
  if (value === undefined) return undefined;
  const port = /^\d{1,5}$/.test(value) ? Number(value) : Number.NaN;
  if (!(port <= 65535)) throw new UsageError(`--${flag}: "${value}" is not a port from 0 to 65535`);
  return port;
}

function given<Name extends string>(parsed: Parsed, name: Name): { readonly [key in Name]?: string } {
  const value = parsed.value(name);
  const found: { [key in Name]?: string } = {};
  if (value !== undefined) found[name] = value;
  return found;
}

function offlineOf(parsed: Parsed): boolean {
  const named = ['kubeconfig', 'context'].find((flag) => parsed.has(flag));
  if (parsed.has('offline') && named !== undefined) {
    throw new UsageError(`--offline cannot be used with --${named}`);
  }
  return parsed.has('offline');
}

function namespacesOf(parsed: Parsed): Pick<ScanOptions, 'namespaces'> {
  const namespaces = parsed.values('namespace');
  if (namespaces.length === 0) return {};
  if (parsed.has('all-namespaces')) throw new UsageError('--all-namespaces cannot be used with --namespace');
  return { namespaces };
}

function levelOf(parsed: Parsed): { readonly level?: 'standard' | 'strict' } {
  const level = parsed.value('level');
  return level === 'standard' || level === 'strict' ? { level } : {};
}
