import { type Release, webhookEntries } from './entries.ts';
import { type WebhookEntry } from './webhook-entry.ts';

/**
 * WebhookClientConfig is how the API server reaches the webhook: an address, or a Service. `caBundle` is base64 of PEM.
 */
export type WebhookClientConfig =
  | { readonly url: string; readonly caBundle?: string }
  | {
      readonly service: { readonly namespace: string; readonly name: string; readonly port: number };
      readonly caBundle?: string | undefined;
    };

/** WebhookConfiguration is the object as the API server accepts it. */
export interface WebhookConfiguration {
  readonly apiVersion: 'admissionregistration.k8s.io/v1';
  readonly kind: 'ValidatingWebhookConfiguration' | 'MutatingWebhookConfiguration';
  readonly metadata: { readonly name: string };
  readonly webhooks: readonly object[];
}

const NAME = 'netpol-guard';

/**
 * webhookConfigurations are the objects that register the webhook: one of each kind for the permanent entries, and one
 * for each entry that can be switched off.
 */
export function webhookConfigurations(release: Release, reach: WebhookClientConfig): readonly WebhookConfiguration[] {
  const entries = webhookEntries(release);
  const kept = (kind: WebhookEntry['kind']) => entries.filter((entry) => entry.kind === kind && !entry.removable);
  return [
    configuration(NAME, 'ValidatingWebhookConfiguration', kept('validating'), reach),
    configuration(NAME, 'MutatingWebhookConfiguration', kept('mutating'), reach),
    ...entries
      .filter(({ removable }) => removable)
      .map((entry) =>
        configuration(`${NAME}-${entry.name.split('.', 1)[0]}`, 'ValidatingWebhookConfiguration', [entry], reach),
      ),
  ];
}

function configuration(
  name: string,
  kind: WebhookConfiguration['kind'],
  entries: readonly WebhookEntry[],
  reach: WebhookClientConfig,
): WebhookConfiguration {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind,
    metadata: { name },
    webhooks: entries.map((entry) => webhook(entry, reach)),
  };
}

function webhook(
  { kind: _kind, path, removable: _removable, ...entry }: WebhookEntry,
  reach: WebhookClientConfig,
): object {
  return {
    ...entry,
    clientConfig: clientConfig(path, reach),
    admissionReviewVersions: ['v1'],
    sideEffects: 'None',
    matchPolicy: 'Equivalent',
  };
}

function clientConfig(path: string, reach: WebhookClientConfig): object {
  const caBundle = reach.caBundle === undefined ? {} : { caBundle: reach.caBundle };
  if ('url' in reach) return { url: new URL(path, reach.url).href, ...caBundle };
  return { service: { ...reach.service, path }, ...caBundle };
}
