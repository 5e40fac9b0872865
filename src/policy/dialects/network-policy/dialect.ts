import { defineDialect, type PolicyKind } from '../../model/dialect.ts';
import { readNetworkPolicy } from './network-policy.ts';
import { onlyTakesAway } from './takes-away.ts';

/** NETWORK_POLICY is Kubernetes' own kind of policy. */
export const NETWORK_POLICY: PolicyKind = {
  kind: 'NetworkPolicy',
  plural: 'networkpolicies',
  served: [{ group: 'networking.k8s.io', versions: ['v1'] }],
  scope: 'Namespaced',
  role: 'policy',
  read: readNetworkPolicy,
  onlyTakesAway,
};

/** NETWORK_POLICY_API is the dialect that every cluster speaks. */
export const NETWORK_POLICY_API = defineDialect({ name: 'network-policy', kinds: [NETWORK_POLICY] });
