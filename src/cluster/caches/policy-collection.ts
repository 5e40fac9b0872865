import { NETWORK_POLICY } from '../../policy/dialects/network-policy/dialect.ts';
import type { PolicyKind } from '../../policy/model/dialect.ts';
import type { Policy } from '../../policy/model/policy.ts';
import { policyKey } from '../../policy/model/policy-key.ts';
import { NETWORK_POLICIES, type Resource } from '../api/resource.ts';
import type { KubeObject } from '../watch/kube-object.ts';
import type { Reflector } from '../watch/reflector.ts';

/** PolicyCollection is the policies of one kind, as this API server serves them. */
export interface PolicyCollection {
  readonly kind: PolicyKind;
  readonly resource: Resource;
}

/** WatchedPolicies is such a collection, and what the watch of it has shown. */
export interface WatchedPolicies extends PolicyCollection {
  readonly reflector: Pick<Reflector, 'versionOf'>;
}

/** OWN_POLICIES is the collection that every API server has. */
export const OWN_POLICIES: PolicyCollection = { kind: NETWORK_POLICY, resource: NETWORK_POLICIES };

/** keyIn returns the key of a policy in the collection, as policyKey has it. */
export function keyIn(collection: PolicyCollection, name: string): string {
  return policyKey({ ...identityIn(collection), namespace: '', name }) ?? '';
}

/** nameIn returns the name of the policy with that key; undefined where it is in another collection. */
export function nameIn(collection: PolicyCollection, key: string): string | undefined {
  const name = key.slice(key.indexOf('/') + 1);
  return keyIn(collection, name) === key ? name : undefined;
}

/** readIn reads a policy of the collection; items of a list do not say what they are. Throws InvalidObject. */
export function readIn(collection: PolicyCollection, { namespace, json }: KubeObject): Policy {
  return collection.kind.read({ ...json, ...identityIn(collection) }, namespace);
}

function identityIn({ kind, resource: { group, version } }: PolicyCollection) {
  return { apiVersion: `${group}/${version}`, kind: kind.kind };
}
