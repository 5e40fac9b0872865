import { BASELINE_LABEL } from '../policy/model/labels.ts';
import { type Cel, isOneOf, mayExempt } from './cel.ts';
import { NO_LABEL, type Parameters } from './parameters.ts';
import { namespaces, type PolicySpec } from './policy-object.ts';

/**
 * A generated name is five characters longer. The API server normally has filled in the name by now; this covers the
 * case that it has not.
 */
const NAME: Cel =
  'has(object.metadata.name) ? object.metadata.name : ' +
  "has(object.metadata.generateName) ? object.metadata.generateName + 'xxxxx' : ''";

/**
 * reservedNames prevents users without the verb `exempt` from creating a Namespace whose name exempts it from the
 * rules: otherwise whoever creates a namespace could avoid all rules.
 */
export function reservedNames({ reserved, creators, excluded, template }: Parameters): PolicySpec {
  const mayPass = `${isOneOf('variables.creators')} || ${mayExempt('variables.name')}`;
  return {
    rules: [{ ...namespaces('CREATE'), resources: ['namespaces'] }],
    matchConditions: [],
    variables: [
      { name: 'name', expression: NAME },
      { name: 'reserved', expression: reserved },
      { name: 'isReserved', expression: 'variables.reserved.exists(p, variables.name.matches(p))' },
      { name: 'creators', expression: creators },
      { name: 'excluded', expression: excluded },
      { name: 'template', expression: template },
      {
        name: 'lacksBaseline',
        expression:
          `variables.template != '${NO_LABEL}' && !variables.isReserved && ` +
          'variables.excluded.exists(p, variables.name.matches(p)) && ' +
          `!(has(object.metadata.labels) && '${BASELINE_LABEL}' in object.metadata.labels)`,
      },
    ],
    validations: [
      {
        expression: `!variables.isReserved || ${mayPass}`,
        message:
          'netpol-guard skips namespaces of this name, or policies in them; creating one needs the permission exempt',
        messageExpression:
          "'the name ' + variables.name + ' is reserved: netpol-guard skips such namespaces, or policies in them; creating one needs the " +
          'permission exempt (namespaces.netpol-guard.io "\' + variables.name + \'"); choose another name, or ask a ' +
          "cluster admin'",
        reason: 'Forbidden',
      },
      {
        // The webhook labels it in time, except for users with the verb. While it is down, the label is missing and
        // stays missing.
        expression: `!variables.lacksBaseline || ${mayPass}`,
        message: `namespaces of this name get no baseline afterwards; label it ${BASELINE_LABEL}`,
        messageExpression:
          `'namespaces named like ' + variables.name + ' get no baseline afterwards, and netpol-guard did not label it; ' + ` +
          `'label it ${BASELINE_LABEL}: ' + variables.template + ', or try again later'`,
        reason: 'Forbidden',
      },
    ],
  };
}
