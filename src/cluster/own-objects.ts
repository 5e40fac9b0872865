import type { Client } from './api/client.ts';
import { SECRETS } from './api/resource.ts';
import { type NamedWatchOptions, watchNamed } from './watch/named-watch.ts';
import { type OwnSecret, readOwnSecret, replaceOwnSecret } from './writes/own-secret.ts';
import { isRolledOut } from './writes/rollout.ts';
import {
  type ConfigurationName,
  readWebhookCa,
  type WebhookCa,
  webhookResource,
  writeWebhookCa,
} from './writes/webhook-ca.ts';
import { writeWebhookPaths } from './writes/webhook-path.ts';

/** OwnNames name what belongs to a release. */
export interface OwnNames {
  readonly namespace: string;
  /** Of the Secret and of the Deployment: the chart gives both the name of the release. */
  readonly name: string;
  readonly configurations: readonly ConfigurationName[];
}

/**
 * OwnObjects are the objects of a release that store and publish its certificates: a Secret, and webhook
 * configurations. None is ever created. Reads and writes throw ApiError.
 */
export interface OwnObjects {
  /** readSecret asks for the Secret as it is now; undefined if there is none. */
  readSecret(signal: AbortSignal): Promise<OwnSecret | undefined>;
  /** replaceSecret gives it other data, if it is still the version that was read. */
  replaceSecret(
    read: OwnSecret,
    data: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<'written' | 'conflict'>;
  /** readConfigurations asks for the configurations as they are now, those that exist. */
  readConfigurations(signal: AbortSignal): Promise<readonly WebhookCa[]>;
  /** writeCa gives each webhook of a configuration this CA bundle, PEM, if it is still the version that was read. */
  writeCa(read: WebhookCa, bundle: string, signal: AbortSignal): Promise<'written' | 'conflict'>;
  /** writePaths gives webhooks, by name, other paths, if it is still the version that was read. */
  writePaths(read: WebhookCa, paths: ReadonlyMap<string, string>, signal: AbortSignal): Promise<'written' | 'conflict'>;
  /** isRolledOut tells whether all replicas have the same version, as far as is known. */
  isRolledOut(signal: AbortSignal): Promise<boolean>;
  /** watch tells that one of them may have changed, until the signal fires. */
  watch(how: Pick<NamedWatchOptions, 'clock' | 'logger' | 'onChange'>, signal: AbortSignal): Promise<void>;
}

/** ownObjects gives access to the objects of a release. */
export function ownObjects(client: Client, { namespace, name, configurations }: OwnNames): OwnObjects {
  return {
    readSecret: (signal) => readOwnSecret(client, namespace, name, signal),
    replaceSecret: (read, data, signal) => replaceOwnSecret(client, read, data, signal),
    readConfigurations: async (signal) => {
      const found = await Promise.all(configurations.map((one) => readWebhookCa(client, one, signal)));
      return found.filter((one) => one !== undefined);
    },
    writeCa: (read, bundle, signal) => writeWebhookCa(client, read, bundle, signal),
    writePaths: (read, paths, signal) => writeWebhookPaths(client, read, paths, signal),
    isRolledOut: (signal) => isRolledOut(client, namespace, name, signal),
    watch: async (how, signal) => {
      const secret = { resource: { ...SECRETS, namespace }, name };
      const others = configurations.map((one) => ({ resource: webhookResource(one), name: one.name }));
      await Promise.all([secret, ...others].map((one) => watchNamed({ client, ...how, ...one }, signal)));
    },
  };
}
