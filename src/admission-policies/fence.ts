import { BASELINE_LABEL, MANAGED_PREFIX, STATUS_LABEL } from '../policy/baseline/labels.ts';
import { type Cel, isUser } from './cel.ts';
import type { Parameters } from './parameters.ts';
import { namespaces, networkPolicies, type PolicySpec } from './policy-object.ts';

/** The labels that the controller writes. */
const OURS: Cel = `['${BASELINE_LABEL}', '${STATUS_LABEL}']`;

/** What is neither labels nor written by the API server itself. */
const UNTOUCHED: readonly string[] = ['annotations', 'finalizers', 'ownerReferences'];

/**
 * fence keeps netpol-guard's own account to what the controller does: two labels of Namespaces, and NetworkPolicies with
 * the reserved prefix, none of them in the cluster's own plane. RBAC cannot say so, and whoever takes a replica over has
 * its rights. Webhook configurations are exempt from admission, so no fence keeps those.
 */
export function fence(user: string, { system }: Parameters): PolicySpec {
  return {
    rules: [namespaces('CREATE', 'UPDATE', 'DELETE'), networkPolicies('CREATE', 'UPDATE', 'DELETE')],
    matchConditions: [{ name: 'ourselves', expression: isUser(user) }],
    variables: [
      { name: 'isNamespace', expression: "request.resource.resource == 'namespaces'" },
      { name: 'system', expression: system },
      { name: 'isUpdate', expression: 'object != null && oldObject != null' },
    ],
    validations: [
      {
        expression: `!variables.isNamespace || variables.isUpdate && ${otherLabelsStay()} && ${UNTOUCHED.map((field) =>
          stays(`metadata.${field}`),
        ).join(' && ')} && ${stays('spec')}`,
        message: `netpol-guard's own account may change no more of a Namespace than the labels ${BASELINE_LABEL} and ${STATUS_LABEL}`,
        reason: 'Forbidden',
      },
      {
        expression:
          'variables.isNamespace || ' +
          `(object != null ? object : oldObject).metadata.name.startsWith('${MANAGED_PREFIX}')`,
        message: `netpol-guard's own account may write no NetworkPolicies but those whose names begin with ${MANAGED_PREFIX}`,
        reason: 'Forbidden',
      },
      {
        // What was there before the namespace was the system's may be taken away.
        expression:
          'variables.isNamespace || object == null || !variables.system.exists(p, request.namespace.matches(p))',
        message: "netpol-guard's own account may write no NetworkPolicies into system namespaces",
        reason: 'Forbidden',
      },
    ],
  };
}

function otherLabelsStay(): Cel {
  const labels = (object: string) => `(has(${object}.metadata.labels) ? ${object}.metadata.labels : {})`;
  const kept = (one: string, other: string) =>
    `${labels(one)}.all(k, k in ${OURS} || k in ${labels(other)} && ${labels(other)}[k] == ${labels(one)}[k])`;
  return `${kept('object', 'oldObject')} && ${kept('oldObject', 'object')}`;
}

/** The API server leaves an empty list out of what it shows. */
function stays(field: string): Cel {
  return `has(object.${field}) == has(oldObject.${field}) && (!has(object.${field}) || object.${field} == oldObject.${field})`;
}
