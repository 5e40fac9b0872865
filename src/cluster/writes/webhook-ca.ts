import { asList, asObject, asString, field, type Json } from '../../objects/fields.ts';
import { ApiError } from '../api/api-error.ts';
import type { Client } from '../api/client.ts';
import { MUTATING_WEBHOOKS, type Resource, VALIDATING_WEBHOOKS } from '../api/resource.ts';
import { unlessConflict, versionOf } from './own-secret.ts';

/** ConfigurationName names a webhook configuration. */
export interface ConfigurationName {
  readonly kind: 'ValidatingWebhookConfiguration' | 'MutatingWebhookConfiguration';
  readonly name: string;
}

/** CalledAt is where the API server calls a webhook. */
export interface CalledAt {
  readonly by: 'service' | 'url';
  /** Begins with a slash; undefined for none. */
  readonly path: string | undefined;
}

/** WebhookCa is the CA and the paths of a webhook configuration, in one version of it. */
export interface WebhookCa extends ConfigurationName {
  readonly version: string;
  /** By the names of its webhooks: the CA bundle, PEM or whatever is there; empty for none. */
  readonly bundles: ReadonlyMap<string, string>;
  /** By the same names. */
  readonly calledAt: ReadonlyMap<string, CalledAt>;
}

/** CA_FIELD_MANAGER owns the CA bundles and nothing else, so that the installer of the rest never meets it. */
const CA_FIELD_MANAGER = 'netpol-guard-ca';

/** readWebhookCa asks the API server for a configuration as it is now; undefined if there is none. */
export async function readWebhookCa(
  client: Client,
  configuration: ConfigurationName,
  signal: AbortSignal,
): Promise<WebhookCa | undefined> {
  try {
    const json = await client.get(webhookResource(configuration), configuration.name, { signal });
    const webhooks = asList(field(json, 'webhooks') ?? [], 'webhooks').map((one) => asObject(one, 'webhooks[]'));
    const bundles = new Map(webhooks.map((one) => [asString(field(one, 'name'), 'webhooks[].name'), bundleOf(one)]));
    const calledAt = new Map(webhooks.map((one) => [asString(field(one, 'name'), 'webhooks[].name'), calledAtOf(one)]));
    return { ...configuration, version: versionOf(json), bundles, calledAt };
  } catch (error) {
    if (error instanceof ApiError && error.isNotFound) return undefined;
    throw error;
  }
}

/**
 * writeWebhookCa applies a CA bundle (PEM) to every webhook of a configuration, if it is still the version that was
 * read: otherwise, or if it is gone, that is a `conflict`. So no webhook reappears that someone has just removed.
 */
export function writeWebhookCa(
  client: Client,
  { kind, name, version, bundles }: Omit<WebhookCa, 'calledAt'>,
  bundle: string,
  signal: AbortSignal,
): Promise<'written' | 'conflict'> {
  const caBundle = Buffer.from(bundle).toString('base64');
  const body = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind,
    metadata: { name, resourceVersion: version },
    webhooks: [...bundles.keys()].map((webhook) => ({ name: webhook, clientConfig: { caBundle } })),
  };
  const query = { fieldManager: CA_FIELD_MANAGER, force: true };
  const resource = webhookResource({ kind, name });
  return unlessConflict(
    client.patch(resource, name, { type: 'application/apply-patch+yaml', body }, { signal, query }),
  );
}

/** webhookResource is the collection that a configuration lies in. */
export function webhookResource({ kind }: ConfigurationName): Resource {
  return kind === 'ValidatingWebhookConfiguration' ? VALIDATING_WEBHOOKS : MUTATING_WEBHOOKS;
}

function calledAtOf(webhook: Json): CalledAt {
  const clientConfig = clientConfigOf(webhook);
  const url = field(clientConfig, 'url');
  if (typeof url === 'string') return { by: 'url', path: URL.parse(url)?.pathname };
  const path = field(asObject(field(clientConfig, 'service'), 'clientConfig.service'), 'path');
  return { by: 'service', path: typeof path === 'string' ? path : undefined };
}

function clientConfigOf(webhook: Json): Json {
  return asObject(field(webhook, 'clientConfig'), 'clientConfig');
}

function bundleOf(webhook: Json): string {
  const caBundle = field(clientConfigOf(webhook), 'caBundle');
  return typeof caBundle === 'string' ? Buffer.from(caBundle, 'base64').toString('utf8') : '';
}
