import { field, isObject } from '../../objects/fields.ts';
import { editDistance } from '../../objects/nearest.ts';

/** How many letters of `networkpolicy` may be wrong, as in NetworkPolicies and NetworkPolcy. */
const KIND_ERRORS = 3;
const GROUP_ERRORS = 2;

/**
 * isKubernetesGroup holds for API groups that are Kubernetes' own, and for what is nearly networking.k8s.io: a kind
 * that they do not have is an error, while other groups may name their kinds freely.
 */
export function isKubernetesGroup(apiVersion: string): boolean {
  const [group = ''] = apiVersion.slice(0, 64).toLowerCase().split('/');
  if (!group.includes('.') || group.endsWith('.k8s.io')) return true;
  return !group.endsWith('.x-k8s.io') && editDistance(group, 'networking.k8s.io') <= GROUP_ERRORS;
}

/** isMisspeltKind holds if an object was meant to be a NetworkPolicy, and names a kind that does not exist. */
export function isMisspeltKind(apiVersion: string, kind: string): boolean {
  if (kind === '' || kind === 'NetworkPolicy' || !isKubernetesGroup(apiVersion)) return false;
  const letters = kind
    .slice(0, 64)
    .toLowerCase()
    .replaceAll(/[^a-z]/g, '');
  return editDistance(letters, 'networkpolicy') <= KIND_ERRORS;
}

/** isPolicySpec holds for what has the form of a NetworkPolicy's `spec`, wherever it is written. */
export function isPolicySpec(value: unknown): boolean {
  if (!isObject(value)) return false;
  const selector = field(value, 'podSelector');
  if (!isObject(selector)) return false;
  if (!Object.keys(selector).every((key) => key === 'matchLabels' || key === 'matchExpressions')) return false;
  return ['policyTypes', 'ingress', 'egress'].some((key) => Array.isArray(field(value, key)));
}
