import { asObject, asString, field } from '../../objects/fields.ts';
import { isApplied } from '../../policy/model/applied.ts';
import type { Client } from '../api/client.ts';
import { listPages } from '../api/list-pages.ts';
import { NETWORK_POLICIES } from '../api/resource.ts';

/** AppliedPolicy names a policy that netpol-guard manages. */
export interface AppliedPolicy {
  readonly namespace: string;
  readonly name: string;
}

/**
 * appliedPolicies lists the policies that netpol-guard applied, in every namespace, whatever has become of their labels.
 * Throws ApiError.
 */
export async function appliedPolicies(client: Client, signal: AbortSignal): Promise<readonly AppliedPolicy[]> {
  let found: AppliedPolicy[] = [];
  for await (const { items, isFirst } of listPages(client, NETWORK_POLICIES, { signal })) {
    if (isFirst) found = [];
    for (const item of items) {
      const metadata = asObject(field(asObject(item, 'item'), 'metadata'), 'metadata');
      if (!isApplied(metadata)) continue;
      const namespace = asString(field(metadata, 'namespace'), 'metadata.namespace');
      found.push({ namespace, name: asString(field(metadata, 'name'), 'metadata.name') });
    }
  }
  return found;
}
