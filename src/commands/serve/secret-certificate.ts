import {
  type Client,
  type ConfigurationName,
  type OwnObjects,
  type OwnSecret,
  ownObjects,
  type WebhookCa,
} from '../../cluster/cluster.ts';
import { messageOf } from '../../objects/message-of.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { PollObserver } from '../../runtime/poll.ts';
import type { Stored } from '../../tls/rotation/decide.ts';
import { ISSUER } from '../../tls/rotation/issuer.ts';
import { Keeper, type KeeperObserver, type Publications, type TrustStore } from '../../tls/rotation/keeper.ts';
import { PathWatch } from '../../tls/rotation/path-watch.ts';
import { type Published, settleMs } from '../../tls/rotation/published.ts';
import { authoritiesIn } from '../../tls/rotation/read-authority.ts';
import type { TrustSettings } from '../../tls/rotation/trust.ts';
import { readTrust, writeTrust } from '../../tls/rotation/trust-data.ts';
import type { ServingCertificate } from '../../tls/serving-certificate.ts';
import type { KeyPair } from '../../tls/x509/key-pair.ts';
import type { Metrics } from './metrics/admission.ts';

/** KeptParts are the inputs for keeping a certificate that netpol-guard makes. */
export interface KeptParts {
  readonly client: Client;
  /** `now` is the API server's time. */
  readonly clock: Clock;
  /** Of the Secret, which must exist; it may be empty. */
  readonly namespace: string;
  readonly secret: string;
  /** netpol-guard's webhook configurations; those that exist get the CA. */
  readonly configurations: readonly ConfigurationName[];
  /** Where their webhooks are called without a secret, by the names of the webhooks. */
  readonly plainPaths: ReadonlyMap<string, string>;
  readonly settings: () => TrustSettings;
  readonly metrics: Metrics['certificates'];
  readonly log: Logger;
  /** Records an Event. */
  readonly warn: (reason: string, message: string) => void;
}

/** keepCertificate keeps a certificate current together with the other replicas, from now on until it is discarded. */
export function keepCertificate(parts: KeptParts, shown: Pick<PollObserver<KeyPair>, 'changed'>): ServingCertificate {
  const { client, clock, namespace, secret, configurations, plainPaths, settings, log } = parts;
  const own = ownObjects(client, { namespace, name: secret, configurations });
  const asked = { store: secretStore(own), publications: webhookPublications(own, plainPaths) };
  const paths = watchPaths(asked, parts);
  const stopping = new AbortController();
  const { signal } = stopping;
  const keeper = new Keeper({
    store: secretStore(own),
    publications: webhookPublications(own, plainPaths),
    issuer: ISSUER,
    settings,
    clock,
    observer: {
      ...told(parts),
      foundPaths: (found) => paths.heard(found),
      shows: (pair) => shown.changed(pair),
    },
  });
  const watching = { clock, logger: log, onChange: () => keeper.nudge() };
  const ended = Promise.all([keeper.run(signal), own.watch(watching, signal)]).catch((err: unknown) =>
    log.error({ err }, 'internal error: certificate rotation stopped'),
  );
  return {
    notReady: () => keeper.notReady(),
    paths,
    discard: async () => {
      stopping.abort(new Error('stopped'));
      paths.stop();
      await ended;
    },
  };
}

interface Asked {
  readonly store: TrustStore;
  readonly publications: Publications;
}

/** It reads with its own client: one reader must not replace what the other read for a write. */
function watchPaths({ store, publications }: Asked, { clock, settings }: KeptParts): PathWatch {
  return new PathWatch({
    clock,
    settleMs: () => settleMs(settings()),
    read: async (signal) => {
      const published = await publications.read(signal);
      const { stored } = await store.read(signal);
      return { paths: stored.kind === 'trust' ? stored.trust.paths : undefined, published };
    },
  });
}

function secretStore(own: OwnObjects): TrustStore {
  let last: OwnSecret | undefined;
  return {
    read: async (signal) => {
      last = await own.readSecret(signal);
      return { stored: storedIn(last), version: last?.version ?? '' };
    },
    write: async (trust, version, signal) => {
      if (last?.version !== version) return 'conflict';
      return own.replaceSecret(last, writeTrust(trust), signal);
    },
  };
}

function storedIn(secret: OwnSecret | undefined): Stored {
  if (secret === undefined) return { kind: 'missing' };
  try {
    return { kind: 'trust', trust: readTrust(secret.data) };
  } catch (error) {
    return { kind: 'unusable', problem: messageOf(error) };
  }
}

function webhookPublications(own: OwnObjects, plainPaths: KeptParts['plainPaths']): Publications {
  let last: readonly WebhookCa[] = [];
  const asRead = ({ name, version }: Published) => last.find((one) => keyOf(one) === name && one.version === version);
  return {
    read: async (signal) => {
      last = await own.readConfigurations(signal);
      return last.map((one) => ({
        name: keyOf(one),
        version: one.version,
        bundles: [...one.bundles.values()].map((text) => ({ text, authorities: authoritiesIn(text) })),
        paths: [...one.calledAt].map(([webhook, at]) => ({ webhook, plain: plainPaths.get(webhook), ...at })),
      }));
    },
    publish: async (published, bundle, signal) => {
      const read = asRead(published);
      return read === undefined ? 'conflict' : own.writeCa(read, bundle, signal);
    },
    publishPaths: async ({ published, paths }, signal) => {
      const read = asRead(published);
      return read === undefined ? 'conflict' : own.writePaths(read, paths, signal);
    },
    isRolledOut: (signal) => own.isRolledOut(signal),
  };
}

function keyOf({ kind, name }: ConfigurationName): string {
  return `${kind} ${name}`;
}

/** Reports the state of the Secret to log, metrics and Events; the log only gets changes. */
function told({ namespace, secret, metrics, log, warn }: KeptParts): Omit<KeeperObserver, 'shows' | 'foundPaths'> {
  let said = '';
  const say = (text: string, line: () => void) => {
    if (text !== said) line();
    said = text;
  };
  return {
    found: (stored) => {
      metrics.secretMissing(stored.kind === 'missing');
      if (stored.kind === 'missing') {
        const message = `there is no Secret ${namespace}/${secret}, so certificates cannot be renewed; run helm upgrade, or create it empty`;
        say('missing', () => log.error({ namespace, secret }, message));
        warn('CertificateSecretMissing', message);
      } else if (stored.kind === 'unusable') {
        const { problem } = stored;
        say(problem, () => log.warn({ namespace, secret, problem }, 'Secret is unusable, rewriting it'));
      } else {
        metrics.expires('authority', stored.trust.authority.expires);
        say('', () => log.info({ namespace, secret }, 'Secret is valid'));
      }
    },
    took: (step) => {
      metrics.stepped(step);
      log.info({ step }, 'certificate rotation step done');
    },
    failed: (err) => {
      metrics.failed();
      log.warn({ err }, 'cannot read or write certificates, retrying');
    },
  };
}
