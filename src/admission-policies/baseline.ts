import { DELETERS } from '../policy/model/deleters.ts';
import { BASELINE_LABEL, FIELD_MANAGER, MANAGED_LABELS, MANAGED_PREFIX, NO_TEMPLATE } from '../policy/model/labels.ts';
import { type Cel, isOneOf, isUser, list, mayExempt } from './cel.ts';
import { exemption, isOff } from './exemption.ts';
import { isGoing } from './opt-out.ts';
import type { Parameters } from './parameters.ts';
import { networkPolicies, type PolicySpec, type Validation } from './policy-object.ts';

/** All parts that deny share one name. */
const DEFAULT_DENY = `${MANAGED_PREFIX}default-deny`;

/**
 * managedPolicies refuses deletions and changes by others of the policies that netpol-guard manages, even while no
 * replica answers. The expected spec of a policy depends on the cluster, so CEL cannot tell a right spec from a wrong
 * one. If the webhook fails closed, that question is left to it; otherwise a new spec passes only if it closes more.
 */
export function managedPolicies(user: string, parameters: Parameters): PolicySpec {
  return {
    rules: [networkPolicies('UPDATE', 'DELETE')],
    matchConditions: [
      { name: 'not-ourselves', expression: `!(${isUser(user)})` },
      { name: 'not-a-deleting-controller', expression: `!(${isOneOf(list(DELETERS))})` },
      { name: 'managed', expression: `[object, oldObject].exists(o, o != null && (${isManaged('o')}))` },
      { name: 'not-exempt', expression: `!${mayExempt('request.namespace')}` },
    ],
    variables: [...facts(parameters), ...differences(parameters)],
    validations: [
      validation(
        "request.operation != 'DELETE' || !variables.isKept",
        "netpol-guard would put it back; add a policy of your own, or have the namespace's template changed",
      ),
      validation(
        `request.operation == 'DELETE' || !variables.isKept || variables.isSameSpec || variables.webhookDecides || ${closes()}`,
        'this change would be reverted; policies add up, so add one of your own beside it',
      ),
      validation(
        `request.operation == 'DELETE' || !variables.isKept || ${addsNone('ownerReferences')}`,
        'the garbage collector would delete it together with the owner that this change adds; leave out ownerReferences',
      ),
      validation(
        `request.operation == 'DELETE' || ${addsNone('finalizers')}`,
        'a finalizer would keep it from being deleted; leave out finalizers',
      ),
      validation(
        `request.operation == 'DELETE' || !${isApplied('oldObject')} || ${isApplied('object')}`,
        'this change would remove the record that netpol-guard applied it; leave out managedFields',
      ),
    ],
  };
}

function isManaged(object: string): Cel {
  const labels = `${object}.metadata.labels`;
  const labelled = Object.entries(MANAGED_LABELS).map(
    ([key, value]) => `has(${labels}) && '${key}' in ${labels} && ${labels}['${key}'] == '${value}'`,
  );
  return [`${object}.metadata.name.startsWith('${MANAGED_PREFIX}')`, ...labelled].join(' || ');
}

/** Where it is, and who asks. */
function facts(parameters: Parameters): PolicySpec['variables'] {
  return [
    ...exemption(parameters, parameters.exemptPolicies, 'oldObject'),
    ...isOff(parameters),
    { name: 'isGoing', expression: `namespaceObject != null && (${isGoing('namespaceObject')})` },
    {
      name: 'template',
      expression: `'${BASELINE_LABEL}' in variables.labels ? variables.labels['${BASELINE_LABEL}'] : '${NO_TEMPLATE}'`,
    },
    {
      name: 'passes',
      expression: `variables.template in ['', '${NO_TEMPLATE}'] || variables.isOff || variables.isGoing || variables.isExempt`,
    },
  ];
}

/** What is asked about the policy itself. */
function differences({ kept, webhookDecides }: Parameters): PolicySpec['variables'] {
  return [
    { name: 'kept', expression: kept },
    // While the configuration lacks a namespace's template, everything that was applied stays as it is.
    {
      name: 'isKept',
      expression:
        'variables.template in variables.kept ? oldObject.metadata.name in variables.kept[variables.template] : ' +
        `oldObject.metadata.name.startsWith('${MANAGED_PREFIX}') && ${isApplied('oldObject')}`,
    },
    { name: 'isSameSpec', expression: 'object != null && object.spec == oldObject.spec' },
    { name: 'webhookDecides', expression: webhookDecides },
  ];
}

/** The default-deny that denies at least what the old one does: every pod, and no rules. */
function closes(): Cel {
  const spec = 'object.spec';
  const old = 'oldObject.spec';
  return [
    `oldObject.metadata.name == '${DEFAULT_DENY}'`,
    `!has(${spec}.ingress) && !has(${spec}.egress)`,
    `!has(${spec}.podSelector.matchLabels) && !has(${spec}.podSelector.matchExpressions)`,
    `has(${spec}.policyTypes) && has(${old}.policyTypes) && ${old}.policyTypes.all(t, t in ${spec}.policyTypes)`,
  ].join(' && ');
}

function addsNone(field: 'finalizers' | 'ownerReferences'): Cel {
  const [after, before] = [`object.metadata.${field}`, `oldObject.metadata.${field}`];
  return `!has(${after}) || ${after}.all(x, has(${before}) && x in ${before})`;
}

/** This tells netpol-guard what it may delete. */
function isApplied(object: string): Cel {
  const fields = `${object}.metadata.managedFields`;
  const isOurs = `has(f.manager) && f.manager == '${FIELD_MANAGER}' && has(f.operation) && f.operation == 'Apply'`;
  return `(has(${fields}) && ${fields}.exists(f, ${isOurs}))`;
}

function validation(expression: Cel, why: string): Validation {
  const about = "'NetworkPolicy ' + request.namespace + '/' + oldObject.metadata.name + ' is managed by netpol-guard";
  return {
    expression: `variables.passes || ${expression}`,
    message: `this NetworkPolicy is managed by netpol-guard: ${why}`,
    messageExpression: `${about} (template ' + variables.template + "): ${why}"`,
    reason: 'Forbidden',
  };
}
