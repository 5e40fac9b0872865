import { type Cel, isOneOf, mayExempt } from './cel.ts';
import type { Parameters } from './parameters.ts';
import { namespaces, type PolicySpec } from './policy-object.ts';

/** What is generated is five characters longer. The API server has put the name in by now; this is for where it has not. */
const NAME: Cel =
  'has(object.metadata.name) ? object.metadata.name : ' +
  "has(object.metadata.generateName) ? object.metadata.generateName + 'xxxxx' : ''";

/**
 * reservedNames refuses to create a Namespace whose name takes it out of the rules, to users without the verb `exempt`
 * on that name: else whoever may create namespaces could choose to be judged by none.
 */
export function reservedNames({ reserved, creators }: Parameters): PolicySpec {
  const [rule] = [namespaces('CREATE')];
  return {
    rules: [{ ...rule, resources: ['namespaces'] }],
    matchConditions: [],
    variables: [
      { name: 'name', expression: NAME },
      { name: 'reserved', expression: reserved },
      { name: 'isReserved', expression: 'variables.reserved.exists(p, variables.name.matches(p))' },
      { name: 'creators', expression: creators },
    ],
    validations: [
      {
        expression: `!variables.isReserved || ${isOneOf('variables.creators')} || ${mayExempt('variables.name')}`,
        message: 'namespaces of this name are outside of netpol-guard; creating one needs the permission exempt',
        messageExpression:
          "'the name ' + variables.name + ' is reserved: netpol-guard leaves such namespaces out; creating one needs the " +
          'permission exempt (namespaces.netpol-guard.io "\' + variables.name + \'"); choose another name, or ask a ' +
          "cluster admin'",
        reason: 'Forbidden',
      },
    ],
  };
}
