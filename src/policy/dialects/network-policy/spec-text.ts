import { isObject } from '../../../objects/fields.ts';

/**
 * specText spells the `spec` of a NetworkPolicy in one canonical way, with the API server's defaults filled in
 * (pkg/apis/networking/v1/defaults.go): equal texts mean the same spec. The order of lists counts; that of keys does not,
 * and what is missing, null or an empty list is the same. `spec` may be anything.
 */
export function specText(spec: unknown): string {
  return JSON.stringify(canonical(withTypes(spec))) ?? 'null';
}

function withTypes(spec: unknown): unknown {
  return isObject(spec) ? { ...spec, policyTypes: policyTypesOf(spec) } : spec;
}

/** policyTypesOf returns the `policyTypes` of a spec, or those that the API server fills in if there are none. */
export function policyTypesOf({
  policyTypes,
  egress,
}: {
  readonly policyTypes?: unknown;
  readonly egress?: unknown;
}): readonly unknown[] {
  if (isFilled(policyTypes)) return policyTypes;
  return isFilled(egress) ? ['Ingress', 'Egress'] : ['Ingress'];
}

function isFilled(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.length > 0;
}

function canonical(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => canonical(key === 'ports' ? withProtocol(item) : item));
  if (!isObject(value)) return value;
  const kept = Object.entries(value)
    // A label without a value has the empty one.
    .map(([name, item]): [string, unknown] => [name, key === 'matchLabels' ? (item ?? '') : item])
    .filter(([name, item]) => key === 'matchLabels' || !saysNothing(name, item))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  // A label may have any name, even `__proto__`.
  return Object.fromEntries(kept.map(([name, item]) => [name, canonical(item, key === 'matchLabels' ? '' : name)]));
}

/** An empty selector selects everything, so it has a meaning; an empty `matchLabels` does not. */
function saysNothing(key: string, value: unknown): boolean {
  if (value === null || value === undefined) return true;
  if (Array.isArray(value)) return value.length === 0;
  return key === 'matchLabels' && isObject(value) && Object.keys(value).length === 0;
}

function withProtocol(port: unknown): unknown {
  const entry = port === null ? {} : port;
  return isObject(entry) && saysNothing('protocol', entry['protocol']) ? { ...entry, protocol: 'TCP' } : entry;
}
