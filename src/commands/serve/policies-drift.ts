import type { Identity } from '../../admission-policies/parameters.ts';
import { settingsHash } from '../../admission-policies/parameters-hash.ts';
import type { Settings } from '../../policy/model/settings.ts';
import type { Logger } from '../../runtime/logger.ts';

/** PoliciesDrift is what is compared, and who is told. */
export interface PoliciesDrift {
  readonly settings: () => Settings;
  /** The hash of the policies in the API server, from the configuration; empty if it has none. */
  readonly renderedFrom: () => string;
  readonly own: Identity;
  readonly observe: (isOutdated: boolean) => void;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  /** Tells the cluster, by a word for machines and a sentence. */
  readonly warn: (reason: string, message: string) => void;
}

const OUTDATED =
  'the admission policies in the API server do not match this configuration; ' +
  'run helm upgrade, or print them again with netpol-guard admission-policies';

/**
 * createPoliciesDrift returns a look at whether the policies that the API server has were rendered from the
 * configuration in force. The log only gets changes; an Event is recorded each time, since the leader may have changed.
 */
export function createPoliciesDrift({ settings, renderedFrom, own, observe, log, warn }: PoliciesDrift): () => void {
  let wasOutdated = false;
  return () => {
    const rendered = renderedFrom();
    const isOutdated = rendered !== '' && rendered !== settingsHash(settings(), own);
    observe(isOutdated);
    if (isOutdated) warn('AdmissionPoliciesOutdated', OUTDATED);
    if (isOutdated && !wasOutdated) log.warn({ renderedFrom: rendered }, OUTDATED);
    if (!isOutdated && wasOutdated) log.info({}, 'admission policies match the configuration again');
    wasOutdated = isOutdated;
  };
}
