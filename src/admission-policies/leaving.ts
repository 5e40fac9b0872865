import { networkPolicies, type PolicySpec } from './policy-object.ts';

/**
 * leaving refuses every change to the spec of a NetworkPolicy that is being deleted: plugins keep enforcing it, and it
 * would no longer be judged. Finalizers can be removed without such a change.
 */
export function leaving(): PolicySpec {
  return {
    rules: [networkPolicies('UPDATE')],
    matchConditions: [{ name: 'is-being-deleted', expression: 'has(oldObject.metadata.deletionTimestamp)' }],
    variables: [],
    validations: [
      {
        expression: 'object.spec == oldObject.spec',
        message: 'this NetworkPolicy is being deleted, so its spec can no longer change; create another one',
        messageExpression:
          "'NetworkPolicy ' + request.namespace + '/' + oldObject.metadata.name + ' is being deleted, so its spec can no " +
          "longer change; create another one, under another name'",
        reason: 'Forbidden',
      },
    ],
  };
}
