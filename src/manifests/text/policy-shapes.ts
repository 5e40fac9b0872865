import { field, isObject, type Json } from '../../objects/fields.ts';
import { editDistance } from '../../objects/nearest.ts';

/** How many letters of `networkpolicy` may be wrong, as in NetworkPolicies and NetworkPolcy. */
const KIND_ERRORS = 3;
const GROUP_ERRORS = 2;

/** What kubectl and people call a NetworkPolicy for short. */
const SHORT_NAMES: ReadonlySet<string> = new Set(['np', 'netpol', 'netpols', 'netpolicy', 'netpolicies']);

/** The other kinds of networking.k8s.io, in all of its versions; each has a list. */
const OTHER_KINDS = /^(?:Ingress|IngressClass|IPAddress|ServiceCIDR|ClusterCIDR)(?:List)?$/;

/** Shaped is an object and what it calls itself. */
interface Shaped {
  readonly apiVersion: string;
  readonly kind: string;
  readonly value: Json;
}

/**
 * isKubernetesGroup holds for API groups that are Kubernetes' own, for what is nearly networking.k8s.io, and for an
 * apiVersion that no API can have. A kind that they do not have is an error, while other groups may name their kinds
 * freely.
 */
export function isKubernetesGroup({ apiVersion, value }: Omit<Shaped, 'kind'>): boolean {
  const group = groupOf(apiVersion);
  if (isPolicyGroup(apiVersion) || group.endsWith('.k8s.io') || group === 'k8s.io') return true;
  return /^(?:networking\.)?kubernetes\.io$/.test(group) && isPolicySpec(field(value, 'spec'));
}

/** isPolicyGroup holds where the group can only be meant for networking.k8s.io: groups of others have a dot. */
export function isPolicyGroup(apiVersion: string): boolean {
  const group = groupOf(apiVersion);
  if (!group.includes('.') || isMalformed(apiVersion) || group.startsWith('networking.k8s.io')) return true;
  return !group.endsWith('.x-k8s.io') && editDistance(group, 'networking.k8s.io') <= GROUP_ERRORS;
}

function groupOf(apiVersion: string): string {
  return apiVersion.slice(0, 64).toLowerCase().split('/')[0] ?? '';
}

/** An apiVersion is a version, or a group, a slash and a version; a version has no dot. */
function isMalformed(apiVersion: string): boolean {
  const slashes = apiVersion.split('/').length - 1;
  return slashes > 1 || apiVersion.includes('\\') || (slashes === 0 && apiVersion.includes('.'));
}

/** isMisspeltKind holds if an object was meant to be a NetworkPolicy, and names a kind that does not exist. */
export function isMisspeltKind(object: Shaped): boolean {
  const { apiVersion, kind, value } = object;
  if (kind === '' || kind === 'NetworkPolicy' || !isKubernetesGroup(object)) return false;
  const letters = kind
    .slice(0, 64)
    .toLowerCase()
    .replaceAll(/[^a-z]/g, '');
  if (editDistance(letters, 'networkpolicy') <= KIND_ERRORS) return true;
  if (!isPolicyGroup(apiVersion) || Array.isArray(field(value, 'items'))) return false;
  return SHORT_NAMES.has(letters) || (!OTHER_KINDS.test(kind) && isPolicySpec(field(value, 'spec')));
}

/** isPolicySpec holds for what has the form of a NetworkPolicy's `spec`, wherever it is written. */
export function isPolicySpec(value: unknown): boolean {
  if (!isObject(value)) return false;
  const selector = field(value, 'podSelector');
  if (!isObject(selector)) return false;
  if (!Object.keys(selector).every((key) => key === 'matchLabels' || key === 'matchExpressions')) return false;
  return ['policyTypes', 'ingress', 'egress'].some((key) => Array.isArray(field(value, key)));
}
