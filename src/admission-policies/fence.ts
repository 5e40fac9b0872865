import { BASELINE_LABEL, MANAGED_PREFIX, NO_TEMPLATE, STATUS_LABEL } from '../policy/model/labels.ts';
import { REPAIR_PREFIX } from '../policy/templates/repair-name.ts';
import { type Cel, isUser, labelsOf } from './cel.ts';
import { NO_LABEL, type Parameters } from './parameters.ts';
import { namespaces, networkPolicies, type PolicySpec, type Validation } from './policy-object.ts';

/** The labels that the controller writes. */
const OURS: Cel = `['${BASELINE_LABEL}', '${STATUS_LABEL}']`;

/** Metadata other than labels that the API server does not write itself. */
const UNTOUCHED: readonly string[] = ['annotations', 'finalizers', 'ownerReferences'];

const SUBJECT = "netpol-guard's own account";
const ADDED: Cel = 'variables.isNamespace || object == null';

/**
 * fence limits netpol-guard's own account to what the controller does: two labels of Namespaces, and NetworkPolicies
 * with the reserved prefix, none of them in the cluster's own plane. RBAC cannot express this, and an intruder in a
 * replica has the rights of the account. Webhook configurations are exempt from admission, so no fence protects those.
 *
 * The label decides which namespaces may get a baseline. So the account cannot write that label where the controller
 * leaves it to others: in system namespaces, DNS namespaces and excluded namespaces.
 */
export function fence(user: string, parameters: Parameters): PolicySpec {
  const { system, dnsNamespaces, exemptNamespaces, excluded, repairs } = parameters;
  return {
    rules: [namespaces('CREATE', 'UPDATE', 'DELETE'), networkPolicies('CREATE', 'UPDATE', 'DELETE')],
    matchConditions: [{ name: 'ourselves', expression: isUser(user) }],
    variables: [
      { name: 'isNamespace', expression: "request.resource.resource == 'namespaces'" },
      { name: 'isUpdate', expression: 'object != null && oldObject != null' },
      { name: 'name', expression: '(object != null ? object : oldObject).metadata.name' },
      { name: 'system', expression: system },
      { name: 'dnsNamespaces', expression: dnsNamespaces },
      { name: 'exemptNamespaces', expression: exemptNamespaces },
      { name: 'excluded', expression: excluded },
      { name: 'repairs', expression: repairs },
      { name: 'labels', expression: labelsOf('namespaceObject') },
      { name: 'isRepair', expression: `variables.name.startsWith('${REPAIR_PREFIX}')` },
    ],
    validations: [...ofNamespaces(), ...ofPolicies()],
  };
}

function ofNamespaces(): readonly Validation[] {
  const untouched = UNTOUCHED.map((field) => stays(`metadata.${field}`)).join(' && ');
  const leftToOthers = '(variables.system + variables.dnsNamespaces + variables.excluded)';
  return [
    validation(
      `!variables.isNamespace || variables.isUpdate && ${otherLabelsStay()} && ${untouched} && ${stays('spec')}`,
      `change nothing of a Namespace but the labels ${BASELINE_LABEL} and ${STATUS_LABEL}`,
    ),
    validation(
      `!variables.isNamespace || !variables.isUpdate || !${leftToOthers}.exists(p, variables.name.matches(p)) || ` +
        `${valueOf(BASELINE_LABEL, 'object')} == ${valueOf(BASELINE_LABEL, 'oldObject')}`,
      `not change the label ${BASELINE_LABEL} of system namespaces, DNS namespaces or excluded namespaces`,
    ),
  ];
}

/** The account may remove what existed before the namespace became exempt. */
function ofPolicies(): readonly Validation[] {
  const isIn = (list: string) => `variables.${list}.exists(p, request.namespace.matches(p))`;
  const template = `'${BASELINE_LABEL}' in variables.labels ? variables.labels['${BASELINE_LABEL}'] : '${NO_TEMPLATE}'`;
  return [
    validation(
      `variables.isNamespace || variables.name.startsWith('${MANAGED_PREFIX}')`,
      `only write NetworkPolicies whose names begin with ${MANAGED_PREFIX}`,
    ),
    validation(`${ADDED} || !${isIn('system')}`, 'not write NetworkPolicies into system namespaces'),
    validation(
      `${ADDED} || !${isIn('dnsNamespaces')} || ` +
        `variables.isRepair && (variables.isUpdate || variables.repairs) && ${opensEgressAlone()}`,
      'not write NetworkPolicies into DNS namespaces, except repairs where the configuration asks for them',
    ),
    validation(
      `${ADDED} || !${isIn('exemptNamespaces')} || !variables.isRepair && !((${template}) in ['', '${NO_TEMPLATE}'])`,
      'not write NetworkPolicies into exempt namespaces, except the baseline that their label names',
    ),
  ];
}

/** As every repair does. */
function opensEgressAlone(): Cel {
  const spec = 'object.spec';
  return `has(${spec}.policyTypes) && ${spec}.policyTypes == ['Egress'] && has(${spec}.egress) && ${spec}.egress.size() > 0`;
}

function validation(expression: Cel, mayOnly: string): Validation {
  return { expression, message: `${SUBJECT} may ${mayOnly}`, reason: 'Forbidden' };
}

function valueOf(key: string, object: string): Cel {
  const labels = `${object}.metadata.labels`;
  return `(has(${labels}) && '${key}' in ${labels} ? ${labels}['${key}'] : '${NO_LABEL}')`;
}

function otherLabelsStay(): Cel {
  const labels = (object: string) => `(has(${object}.metadata.labels) ? ${object}.metadata.labels : {})`;
  const kept = (one: string, other: string) =>
    `${labels(one)}.all(k, k in ${OURS} || k in ${labels(other)} && ${labels(other)}[k] == ${labels(one)}[k])`;
  return `${kept('object', 'oldObject')} && ${kept('oldObject', 'object')}`;
}

/** The API server omits an empty list. */
function stays(field: string): Cel {
  return `has(object.${field}) == has(oldObject.${field}) && (!has(object.${field}) || object.${field} == oldObject.${field})`;
}
