import { asList, asObject, field, type Json } from '../../objects/fields.ts';
import { FIELD_MANAGER } from './labels.ts';

/** isApplied holds if an object's managedFields show that netpol-guard applied it. Throws InvalidObject. */
export function isApplied(metadata: Json): boolean {
  return asList(field(metadata, 'managedFields'), 'metadata.managedFields').some((item, i) => {
    const entry = asObject(item, `metadata.managedFields[${i}]`);
    return field(entry, 'manager') === FIELD_MANAGER && field(entry, 'operation') === 'Apply';
  });
}
