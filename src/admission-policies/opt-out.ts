import { BASELINE_LABEL, MODE_LABELS, NO_TEMPLATE, PENDING, STATUS_LABEL } from '../policy/model/labels.ts';
import { MODE_LEVELS } from '../policy/model/settings.ts';
import { type Cel, isUser, labelsOf, mayExempt } from './cel.ts';
import { NO_LABEL, type Parameters } from './parameters.ts';
import { namespaces, type PolicySpec, type Validation } from './policy-object.ts';

const ENFORCE = MODE_LABELS.enforce;

/** They lower what is enforced, and anyone with the right to update a namespace could set them. */
const GUARDED: readonly string[] = [ENFORCE, BASELINE_LABEL, STATUS_LABEL];

/** A new object has its name by now, even a generated one. */
const NAME: Cel = "(has(object.metadata.name) ? object.metadata.name : '')";

const LEVELS: Cel = `{${MODE_LEVELS.map((level, rank) => `'${level}': ${rank}`).join(', ')}}`;

/**
 * optOut refuses changes of a Namespace's guarded labels that lower something, to users without the verb `exempt`.
 * Labels can be written through two subresources as well. It ignores a namespace that is being deleted.
 */
export function optOut(user: string, { enforce, template, kept, system }: Parameters): PolicySpec {
  return {
    rules: [namespaces('CREATE', 'UPDATE')],
    matchConditions: [
      { name: 'not-ourselves', expression: `!(${isUser(user)})` },
      { name: 'not-going', expression: `!(oldObject != null && (${isGoing('oldObject')}))` },
      { name: 'changes-guarded-labels', expression: `${changes()} && !${mayExempt(NAME)}` },
    ],
    variables: [
      { name: 'system', expression: system },
      { name: 'isSystem', expression: `variables.system.exists(p, ${NAME}.matches(p))` },
      { name: 'before', expression: labelsOf('oldObject') },
      { name: 'after', expression: labelsOf('object') },
      { name: 'levels', expression: LEVELS },
      { name: 'enforce', expression: enforce },
      { name: 'levelBefore', expression: levelIn('before') },
      { name: 'levelAfter', expression: levelIn('after') },
      { name: 'template', expression: template },
      { name: 'templates', expression: kept },
      // Without the label, the default template counts: the webhook may have missed the namespace.
      { name: 'templateBefore', expression: valueIn('before', BASELINE_LABEL, 'variables.template') },
      {
        name: 'templateAfter',
        expression: valueIn(
          'after',
          BASELINE_LABEL,
          `(${isTakenOff(BASELINE_LABEL)} ? '${NO_LABEL}' : variables.template)`,
        ),
      },
      { name: 'statusBefore', expression: valueIn('before', STATUS_LABEL, `'${NO_LABEL}'`) },
      { name: 'statusAfter', expression: valueIn('after', STATUS_LABEL, `'${NO_LABEL}'`) },
    ],
    validations: [
      validation(
        ENFORCE,
        'variables.levels[variables.levelAfter] >= variables.levels[variables.levelBefore]',
        "'lowering it from ' + variables.levelBefore + ' to ' + variables.levelAfter",
      ),
      validation(
        BASELINE_LABEL,
        // There is no telling which of two templates is stricter. An unknown name may be corrected.
        `variables.templateBefore in ['${NO_LABEL}', '', '${NO_TEMPLATE}'] || ` +
          'variables.templateBefore == variables.templateAfter || ' +
          '!(variables.templateBefore in variables.templates) && variables.templateAfter in variables.templates',
        `'changing it from ' + ${told('templateBefore')} + ' to ' + ${told('templateAfter')}`,
      ),
      validation(
        STATUS_LABEL,
        // On CREATE the webhook has set it itself, or omitted it.
        'variables.statusBefore == variables.statusAfter || ' +
          `oldObject == null && variables.statusAfter == '${PENDING}'`,
        `'only netpol-guard changes it; changing it from ' + ${told('statusBefore')} + ' to ' + ${told('statusAfter')}`,
      ),
    ],
  };
}

/** isGoing asks whether a Namespace is being deleted. */
export function isGoing(object: string): Cel {
  const phase = `has(${object}.status) && has(${object}.status.phase) && ${object}.status.phase == 'Terminating'`;
  return `has(${object}.metadata.deletionTimestamp) || ${phase}`;
}

/** No variables here: a condition comes before them. */
function changes(): Cel {
  const value = (object: string) => {
    const labels = `${object}.metadata.labels`;
    return `(${object} != null && has(${labels}) && k in ${labels} ? ${labels}[k] : '${NO_LABEL}')`;
  };
  return `[${GUARDED.map((key) => `'${key}'`).join(', ')}].exists(k, ${value('object')} != ${value('oldObject')})`;
}

/** A label with an unknown level counts as the default, as everywhere. */
function levelIn(labels: 'before' | 'after'): Cel {
  const value = `variables.${labels}['${ENFORCE}']`;
  return `'${ENFORCE}' in variables.${labels} && ${value} in variables.levels ? ${value} : variables.enforce`;
}

function valueIn(labels: 'before' | 'after', key: string, missing: Cel): Cel {
  return `'${key}' in variables.${labels} ? variables.${labels}['${key}'] : ${missing}`;
}

function isTakenOff(key: string): Cel {
  return `'${key}' in variables.before && !('${key}' in variables.after)`;
}

function told(variable: string): Cel {
  return `(variables.${variable} == '${NO_LABEL}' ? 'nothing' : '"' + variables.${variable} + '"')`;
}

function validation(key: string, expression: Cel, change: Cel): Validation {
  const needs = `' needs the permission exempt (namespaces.netpol-guard.io "' + ${NAME} + '"); ask a cluster admin'`;
  return {
    expression: `variables.isSystem || ${expression}`,
    message: `label ${key}: lowering it needs the permission exempt (namespaces.netpol-guard.io); ask a cluster admin`,
    messageExpression: `'label ${key}: ' + ${change} + ${needs}`,
    reason: 'Forbidden',
  };
}
