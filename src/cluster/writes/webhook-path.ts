import type { Client } from '../api/client.ts';
import { unlessConflict } from './own-secret.ts';
import { type WebhookCa, webhookResource } from './webhook-ca.ts';

/**
 * PATH_FIELD_MANAGER owns the paths. It differs from the manager of the CA, which older versions apply without any
 * path.
 */
const PATH_FIELD_MANAGER = 'netpol-guard-path';

/**
 * writeWebhookPaths applies the paths at which the API server is to call the webhooks of a configuration by their
 * Service, if it is still the version that was read: otherwise, or if it is gone, that is a `conflict`.
 */
export function writeWebhookPaths(
  client: Client,
  { kind, name, version }: WebhookCa,
  paths: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<'written' | 'conflict'> {
  const body = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind,
    metadata: { name, resourceVersion: version },
    webhooks: [...paths].map(([webhook, path]) => ({ name: webhook, clientConfig: { service: { path } } })),
  };
  const query = { fieldManager: PATH_FIELD_MANAGER, force: true };
  const resource = webhookResource({ kind, name });
  return unlessConflict(
    client.patch(resource, name, { type: 'application/apply-patch+yaml', body }, { signal, query }),
  );
}
