import type { Settings } from '../policy/model/settings.ts';
import { actionsOf, type Enforcement, weakest } from './actions.ts';
import { admissionPolicies } from './admission-policies.ts';
import { type Choices, type Identity, type Parameters, parametersOf } from './parameters.ts';
import { parametersHash } from './parameters-hash.ts';
import type { PolicySpec } from './policy-object.ts';

/** Rendering is everything that the objects depend on besides the settings. */
export interface Rendering extends Choices {
  readonly own: Identity;
  readonly enforcement: Enforcement;
  /** For a folder that the API server reads when it starts, which wants names of their own. */
  readonly isStatic: boolean;
}

/** PolicyObject is a ValidatingAdmissionPolicy or its binding, as the API server accepts it. */
export interface PolicyObject {
  readonly apiVersion: 'admissionregistration.k8s.io/v1';
  readonly kind: 'ValidatingAdmissionPolicy' | 'ValidatingAdmissionPolicyBinding';
  readonly metadata: { readonly name: string; readonly annotations: Readonly<Record<string, string>> };
  readonly spec: object;
}

/** RENDERED_FROM is the annotation whose value is the hash of what an object was rendered from. */
export const RENDERED_FROM = 'netpol-guard.io/rendered-from';

/** ownUser is netpol-guard's user name for the API server. */
export function ownUser({ namespace, serviceAccount }: Identity): string {
  return `system:serviceaccount:${namespace}:${serviceAccount}`;
}

/** policySpec is the spec as the API server accepts it. */
export function policySpec({ rules, matchConditions, variables, validations }: PolicySpec): object {
  return {
    failurePolicy: 'Fail',
    matchConstraints: { matchPolicy: 'Equivalent', resourceRules: rules },
    matchConditions: matchConditions.length > 0 ? matchConditions : undefined,
    variables: variables.length > 0 ? variables : undefined,
    validations,
  };
}

/** policyObjects are the policies, each followed by its binding, without those that do nothing. */
export function policyObjects(settings: Settings, rendering: Rendering): readonly PolicyObject[] {
  const { own, enforcement, isStatic } = rendering;
  const parameters: Parameters = parametersOf(settings, own, rendering);
  const annotations = { [RENDERED_FROM]: parametersHash(parameters) };
  return admissionPolicies(ownUser(own), parameters).flatMap(({ name: short, rules, forFailingOpen, spec }) => {
    const validationActions = actionsOf(enforcement, weakest(rules.map((rule) => settings.rules.get(rule))));
    if (validationActions.length === 0 || (forFailingOpen && rendering.failsClosed)) return [];
    const name = `netpol-guard-${short}${isStatic ? '.static.k8s.io' : ''}`;
    const metadata = { name, annotations };
    const apiVersion = 'admissionregistration.k8s.io/v1';
    return [
      { apiVersion, kind: 'ValidatingAdmissionPolicy', metadata, spec: policySpec(spec) },
      { apiVersion, kind: 'ValidatingAdmissionPolicyBinding', metadata, spec: { policyName: name, validationActions } },
    ];
  });
}
