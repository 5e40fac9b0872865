import { asObject, field } from '../../objects/fields.ts';
import { ApiError } from '../api/api-error.ts';
import type { Client } from '../api/client.ts';
import { CONFIG_MAPS } from '../api/resource.ts';

/** Few other writers change the same ConfigMap at the same time. */
const MOST_TRIES = 5;

interface ConfigMapKey {
  readonly namespace: string;
  readonly name: string;
  readonly key: string;
}

/**
 * readOrInitialise returns the value under the key of a ConfigMap's data; if there is none, it writes `value` first. If
 * several do so at once, one wins, and all return its value. Throws ApiError, with isNotFound if there is no such
 * ConfigMap: it is never created.
 */
export async function readOrInitialise(
  client: Client,
  { namespace, name, key }: ConfigMapKey,
  value: string,
  signal: AbortSignal,
): Promise<string> {
  const resource = { ...CONFIG_MAPS, namespace };
  for (let tries = 1; ; tries += 1) {
    const stored = await client.get(resource, name, { signal });
    const stands = field(asObject(field(stored, 'data'), 'data'), key);
    if (typeof stands === 'string' && stands !== '') return stands;
    const resourceVersion = field(asObject(field(stored, 'metadata'), 'metadata'), 'resourceVersion');
    const body = { metadata: { resourceVersion }, data: { [key]: value } };
    try {
      await client.patch(resource, name, { type: 'application/merge-patch+json', body }, { signal });
      return value;
    } catch (error) {
      if (!(error instanceof ApiError) || !error.isConflict || tries === MOST_TRIES) throw error;
    }
  }
}
