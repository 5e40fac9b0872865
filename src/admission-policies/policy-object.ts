import type { Cel } from './cel.ts';

/** Condition is a named expression that must hold for a policy to look at a request at all. */
export interface Condition {
  readonly name: string;
  readonly expression: Cel;
}

/** Validation is a condition, and the one line that a user reads if it does not hold. */
export interface Validation {
  readonly expression: Cel;
  /** Used if the message cannot be built. */
  readonly message: string;
  readonly messageExpression?: Cel | undefined;
  readonly reason: 'Forbidden';
}

/** ResourceRule selects the requests that a policy checks. */
export interface ResourceRule {
  readonly apiGroups: readonly string[];
  readonly apiVersions: readonly string[];
  readonly resources: readonly string[];
  readonly operations: readonly string[];
  readonly scope: 'Cluster' | 'Namespaced';
}

/** PolicySpec is the spec of a ValidatingAdmissionPolicy, without what is the same in all of them. */
export interface PolicySpec {
  readonly rules: readonly ResourceRule[];
  readonly matchConditions: readonly Condition[];
  /** Evaluated in this order, each when it is first needed. */
  readonly variables: readonly Condition[];
  readonly validations: readonly Validation[];
}

/** namespaces is the rule of Namespaces, with the subresources through which labels can be written. */
export function namespaces(...operations: string[]): ResourceRule {
  const resources = ['namespaces', 'namespaces/status', 'namespaces/finalize'];
  return { apiGroups: [''], apiVersions: ['v1'], resources, operations, scope: 'Cluster' };
}

/** networkPolicies is the rule of NetworkPolicies. */
export function networkPolicies(...operations: string[]): ResourceRule {
  return {
    apiGroups: ['networking.k8s.io'],
    apiVersions: ['v1'],
    resources: ['networkpolicies'],
    operations,
    scope: 'Namespaced',
  };
}
