import type { OwnIdentity } from '../../config/compile.ts';
import { loadConfiguration } from '../../config/load.ts';
import { ConfigurationWatcher } from '../../config/reload.ts';
import type { TlsSettings } from '../../config/tls.ts';
import type { Settings } from '../../policy/model/settings.ts';
import type { Clock } from '../../runtime/clock.ts';
import { every } from '../../runtime/every.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { Metrics } from './metrics/admission.ts';

/** LiveSettings are those of the last good configuration. */
export interface LiveSettings {
  readonly settings: () => Settings;
  readonly tls: () => TlsSettings;
  /** See GuardConfiguration. */
  readonly renderedFrom: () => string;
  /** onRefused sets who is told, in a sentence, about a changed file that is rejected. */
  readonly onRefused: (tell: (problem: string) => void) => void;
  /** stop ends checking the file. */
  readonly stop: () => void;
}

/** SettingsParts are the inputs for keeping settings current. */
export interface SettingsParts {
  /** Absent for the defaults. */
  readonly file: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly metrics: Metrics['configuration'];
  readonly log: Logger;
}

/** ConfigMap mounts take up to a minute to change; looking more often gains nothing. */
const INTERVAL_MS = 10_000;

/**
 * openLiveSettings reads the configuration, and again when its file changes; without a file there are the defaults. Throws
 * ConfigurationError where there is no good one to begin with.
 */
export async function openLiveSettings({ file, env, clock, metrics, log }: SettingsParts): Promise<LiveSettings> {
  const own = identityOf(env);
  const options = own === undefined ? {} : { own };
  if (file === undefined) {
    const { settings, tls } = await loadConfiguration(undefined, options);
    return { settings: () => settings, tls: () => tls, renderedFrom: () => '', onRefused: () => {}, stop: () => {} };
  }
  const listeners: ((problem: string) => void)[] = [];
  const observer = {
    reloaded: () => {
      metrics.reloaded('loaded');
      log.info({ file }, 'configuration reloaded');
    },
    refused: (error: Error) => {
      metrics.reloaded('refused');
      log.error({ problem: error.message }, 'configuration rejected; keeping the last good one');
      for (const listener of listeners) listener(error.message);
    },
  };
  const watcher = await ConfigurationWatcher.open(file, observer, options);
  return {
    settings: () => watcher.current.settings,
    tls: () => watcher.current.tls,
    renderedFrom: () => watcher.current.configuration.admissionPolicies.renderedFrom,
    onRefused: (listener) => listeners.push(listener),
    stop: every(INTERVAL_MS, () => watcher.check(), clock),
  };
}

/**
 * identityOf returns the namespace and account that this runs with. The chart sets both by the downward API; outside a
 * cluster there is neither.
 */
export function identityOf(env: Readonly<Record<string, string | undefined>>): OwnIdentity | undefined {
  const namespace = env['POD_NAMESPACE'];
  return namespace ? { namespace, serviceAccount: env['POD_SERVICE_ACCOUNT'] || 'netpol-guard' } : undefined;
}
