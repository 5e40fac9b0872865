import { field, isObject } from '../../objects/fields.ts';

/**
 * dropPassedOn removes from a review what an API server passes on as a client wrote it: the `fieldsV1` of each managed
 * field, which may be nested arbitrarily deep and contain any bytes. Nothing reads it.
 */
export function dropPassedOn(review: unknown): void {
  const request = isObject(review) ? field(review, 'request') : undefined;
  if (!isObject(request)) return;
  for (const key of ['object', 'oldObject']) {
    const object = field(request, key);
    const metadata = isObject(object) ? field(object, 'metadata') : undefined;
    const managed = isObject(metadata) ? field(metadata, 'managedFields') : undefined;
    if (!Array.isArray(managed)) continue;
    for (const item of managed) if (isObject(item)) delete (item as { fieldsV1?: unknown }).fieldsV1;
  }
}
