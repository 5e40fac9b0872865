import { networkPolicies, type PolicySpec } from './policy-object.ts';

/**
 * leaving refuses to change what a NetworkPolicy says once it is being deleted, whoever asks: plugins go on enforcing it,
 * and nobody expects it to be judged any more. Finalizers come off without such a change.
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
