import { MODE_LABELS } from '../policy/model/labels.ts';
import { MODE_LEVELS } from '../policy/model/settings.ts';
import { type Cel, isOneOf, labelsOf, list } from './cel.ts';
import type { Parameters } from './parameters.ts';
import type { PolicySpec } from './policy-object.ts';

const ENFORCE = MODE_LABELS.enforce;

/** exemption has `isExempt`: whether the configuration exempts a change of a NetworkPolicy from a rule. */
export function exemption(
  { system, exemptUsers, exemptGroups, exemptNamespaces }: Parameters,
  exemptPolicies: Cel,
  object: 'object' | 'oldObject',
): PolicySpec['variables'] {
  return [
    { name: 'system', expression: system },
    { name: 'exemptUsers', expression: exemptUsers },
    { name: 'exemptGroups', expression: exemptGroups },
    { name: 'exemptNamespaces', expression: exemptNamespaces },
    { name: 'exemptPolicies', expression: exemptPolicies },
    {
      name: 'isExempt',
      expression: [
        isOneOf('variables.exemptUsers'),
        'has(request.userInfo.groups) && request.userInfo.groups.exists(g, g in variables.exemptGroups)',
        '(variables.system + variables.exemptNamespaces).exists(p, request.namespace.matches(p))',
        `variables.exemptPolicies.exists(p, (request.namespace + '/' + ${object}.metadata.name).matches(p))`,
      ].join(' || '),
    },
  ];
}

/** isOff has `labels` of the namespace and `isOff`: whether nothing is enforced there. */
export function isOff({ enforce }: Parameters): PolicySpec['variables'] {
  const value = `variables.labels['${ENFORCE}']`;
  const isLevel = `'${ENFORCE}' in variables.labels && ${value} in ${list(MODE_LEVELS)}`;
  return [
    { name: 'labels', expression: labelsOf('namespaceObject') },
    { name: 'enforce', expression: enforce },
    { name: 'isOff', expression: `(${isLevel} ? ${value} : variables.enforce) == 'off'` },
  ];
}
