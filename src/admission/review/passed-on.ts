import { field, isObject } from '../../objects/fields.ts';

/**
 * dropPassedOn takes out of a review what an API server passes on as a client wrote it, whatever that is: of each managed
 * field its `fieldsV1`, which may be nested as deep as one likes and hold any bytes. Nothing reads it.
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
