import { asObject, field, type Json } from '../../objects/fields.ts';
import { ApiError } from '../api/api-error.ts';
import type { Client } from '../api/client.ts';
import { DEPLOYMENTS } from '../api/resource.ts';

/**
 * isRolledOut tells whether every pod of a Deployment has its current template, and none is terminating. Without such a
 * Deployment it is true; if it may not be read, that is never certain.
 */
export async function isRolledOut(
  client: Client,
  namespace: string,
  name: string,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    return isComplete(await client.get({ ...DEPLOYMENTS, namespace }, name, { signal }));
  } catch (error) {
    if (!(error instanceof ApiError) || !(error.isNotFound || error.isForbidden)) throw error;
    return error.isNotFound;
  }
}

/** As `kubectl rollout status` has it, and no matter whether the pods are ready. */
function isComplete(deployment: Json): boolean {
  const status = asObject(field(deployment, 'status'), 'status');
  const count = (key: string) => numberIn(status, key);
  const generation = numberIn(asObject(field(deployment, 'metadata'), 'metadata'), 'generation');
  const isObserved = count('observedGeneration') >= generation;
  return isObserved && count('updatedReplicas') === count('replicas') && count('terminatingReplicas') === 0;
}

/** Counts of zero are omitted. */
function numberIn(json: Json, key: string): number {
  const value = field(json, key);
  return typeof value === 'number' ? value : 0;
}
