import { asObject, field, type Json } from '../../objects/fields.ts';
import type { JsonPatchOperation } from '../../objects/json-patch.ts';
import { specText } from '../../policy/dialects/network-policy/spec-text.ts';
import { isApplied } from '../../policy/model/applied.ts';
import { FIELD_MANAGER } from '../../policy/model/labels.ts';
import { ApiError } from '../api/api-error.ts';
import type { Client } from '../api/client.ts';
import { NAMESPACES, NETWORK_POLICIES } from '../api/resource.ts';
import { parseObject } from '../api/watch-event.ts';

/** How often to read and delete a policy that someone else writes at the same time, before leaving it to the caller. */
const MOST_TRIES = 3;

/** PolicyToApply is a NetworkPolicy in its desired form. */
export interface PolicyToApply {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly spec: object;
}

/** Every field that a NetworkPolicy's spec may have, empty. */
const NOTHING = { podSelector: {}, policyTypes: [], ingress: [], egress: [] };

/**
 * applyPolicy applies a policy server-side, taking from others every field that it states, and returns the object as
 * stored. Lists of a NetworkPolicy are owned as a whole, so no one else's rule is left in a stated list.
 *
 * An empty list is stated only where someone else filled it: the API server writes the object again, with a new
 * generation, each time that an empty list is stated (its strategy compares by reflect.DeepEqual, to which nil is not
 * empty), and applying what is already stored should change nothing.
 */
export async function applyPolicy(client: Client, policy: PolicyToApply, signal: AbortSignal): Promise<Json> {
  const text = specText(policy.spec);
  const spec = parseObject(text, 'spec');
  const stored = await applySpec(client, policy, spec, signal);
  if (specText(field(stored, 'spec')) === text) return stored;
  return applySpec(client, policy, { ...NOTHING, ...spec }, signal);
}

/**
 * deletePolicy removes a policy that applyPolicy made, and no other: it reads the policy as it is now, and deletes
 * exactly that version. Throws ApiError with isConflict if it keeps changing.
 */
export async function deletePolicy(
  client: Client,
  namespace: string,
  name: string,
  signal: AbortSignal,
): Promise<'deleted' | 'absent' | 'not-ours'> {
  const resource = { ...NETWORK_POLICIES, namespace };
  for (let tries = 1; ; tries += 1) {
    try {
      const metadata = asObject(field(await client.get(resource, name, { signal }), 'metadata'), 'metadata');
      if (!isApplied(metadata)) return 'not-ours';
      const preconditions = { uid: field(metadata, 'uid'), resourceVersion: field(metadata, 'resourceVersion') };
      await client.delete(resource, name, { preconditions }, { signal });
      return 'deleted';
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.isNotFound) return 'absent';
      if (!error.isConflict || tries === MOST_TRIES) throw error;
    }
  }
}

/**
 * patchNamespaceLabels changes a Namespace by a JSON patch. Its `test` operations state what it must look like: if it
 * does not, that is a `conflict`, to be decided again. Throws ApiError for every other refusal.
 */
export async function patchNamespaceLabels(
  client: Client,
  name: string,
  operations: readonly JsonPatchOperation[],
  signal: AbortSignal,
): Promise<'patched' | 'absent' | 'conflict'> {
  try {
    const patch = { type: 'application/json-patch+json', body: operations } as const;
    await client.patch(NAMESPACES, name, patch, { signal, query: { fieldManager: FIELD_MANAGER } });
    return 'patched';
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.isNotFound) return 'absent';
    if (error.isConflict || isUnfit(error)) return 'conflict';
    throw error;
  }
}

/** isNamespaceTerminating tells whether a write failed because its namespace is being deleted or is gone. */
export function isNamespaceTerminating(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  return error.causes.includes('NamespaceTerminating') || (error.isNotFound && error.kind === 'namespaces');
}

function applySpec(client: Client, policy: PolicyToApply, spec: object, signal: AbortSignal): Promise<Json> {
  const { namespace, name, labels, annotations } = policy;
  const body = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { namespace, name, labels, annotations },
    spec,
  };
  const patch = { type: 'application/apply-patch+yaml', body } as const;
  const query = { fieldManager: FIELD_MANAGER, force: true };
  return client.patch({ ...NETWORK_POLICIES, namespace }, name, patch, { signal, query });
}

/**
 * The API server's answer to a patch that does not fit; for an object that would be invalid, it also gives kind and
 * causes.
 */
function isUnfit({ code, kind, causes }: ApiError): boolean {
  return code === 422 && kind === '' && causes.length === 0;
}
