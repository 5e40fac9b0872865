import type { ObjectRef } from './finding.ts';

const OWN_GROUP = 'networking.k8s.io/';

/**
 * policyKey identifies a policy in its namespace: by its name, and also by its kind if that is not Kubernetes' own,
 * `ToyPolicy.toy.example/web`. Names have no slash. undefined for a policy without a name.
 */
export function policyKey({ apiVersion, kind, name }: ObjectRef): string | undefined {
  if (name === undefined) return undefined;
  return apiVersion.startsWith(OWN_GROUP) ? name : `${kindKey(groupOf(apiVersion), kind)}/${name}`;
}

/** kindKey names a kind as policyKey does. */
export function kindKey(group: string, kind: string): string {
  return `${kind}.${group}`;
}

/** groupOf returns the group of an apiVersion; empty for the core group. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}
