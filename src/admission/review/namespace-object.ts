import { asObject, asStringMap, field, type Json } from '../../objects/fields.ts';
import type { Labels } from '../../sets/label-selector.ts';
import type { AdmissionRequest } from './review.ts';

/** The name generator cuts the prefix so that five characters more make no name longer than 63. */
const MAX_PREFIX = 58;

/** labelsOf reads a Namespace's labels; none if there is no Namespace. Throws InvalidObject. */
export function labelsOf(object: unknown): Labels {
  return asStringMap(field(metadataOf(object), 'labels'), 'metadata.labels');
}

/**
 * isGoing holds if the stored Namespace is being deleted. The submitted object does not show that: it may carry any
 * `status` and `deletionTimestamp`, which the API server corrects only after mutation. Throws InvalidObject.
 */
export function isGoing({ oldObject }: Pick<AdmissionRequest, 'oldObject'>): boolean {
  const status = asObject(field(asObject(oldObject, 'object'), 'status'), 'status');
  return field(metadataOf(oldObject), 'deletionTimestamp') !== undefined || field(status, 'phase') === 'Terminating';
}

/**
 * namespaceName returns the name of a reviewed Namespace. If the name is still to be generated, it returns a possible
 * one, so that globs match it as they will match the real one. Throws InvalidObject.
 */
export function namespaceName({ name, object }: AdmissionRequest): string {
  if (name !== '') return name;
  const metadata = metadataOf(object);
  const [own, prefix] = [field(metadata, 'name'), field(metadata, 'generateName')];
  if (typeof own === 'string' && own !== '') return own;
  return typeof prefix === 'string' ? `${prefix.slice(0, MAX_PREFIX)}xxxxx` : '';
}

function metadataOf(object: unknown): Json {
  return asObject(field(asObject(object, 'object'), 'metadata'), 'metadata');
}
