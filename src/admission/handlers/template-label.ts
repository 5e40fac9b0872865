import { childPath } from '../../objects/field-path.ts';
import { nearest } from '../../objects/nearest.ts';
import { BASELINE_LABEL, NO_TEMPLATE } from '../../policy/model/labels.ts';
import type { Settings } from '../../policy/model/settings.ts';
import { mayHaveBaseline } from '../../policy/templates/namespace-template.ts';
import type { Labels } from '../../sets/label-selector.ts';
import { labelValueText } from '../review/label-value.ts';
import type { StatusCause } from '../review/response.ts';

/** Names that a message lists; a configuration may have more templates than anyone would read. */
const MAX_NAMED = 20;

/** TemplateCheck is the problem with the template that a Namespace names. */
export interface TemplateCheck {
  readonly refused: readonly StatusCause[];
  readonly warnings: readonly string[];
}

/**
 * checkTemplate refuses a new name of an unknown template. A stored name may be unknown because of the configuration,
 * so it only causes a warning, and so does a template for a namespace that never gets one.
 */
export function checkTemplate(name: string, before: Labels, after: Labels, settings: Settings): TemplateCheck {
  const value = after.get(BASELINE_LABEL);
  if (value === undefined || value === NO_TEMPLATE) return { refused: [], warnings: [] };
  const { templates } = settings.baseline;
  const isNew = value !== before.get(BASELINE_LABEL);
  if (!templates.has(value)) {
    const told = labelValueText(value);
    if (isNew) return { refused: [unknown(told, [...templates.keys()])], warnings: [] };
    return { refused: [], warnings: [`label ${BASELINE_LABEL}=${told} names no template; no baseline is applied`] };
  }
  if (!isNew || mayHaveBaseline(name, settings)) return { refused: [], warnings: [] };
  return { refused: [], warnings: [`label ${BASELINE_LABEL} does nothing here: this namespace is excluded`] };
}

function unknown(value: string, names: readonly string[]): StatusCause {
  const known = [NO_TEMPLATE, ...names.toSorted()];
  const near = nearest(value, known);
  const meant = near === undefined ? '' : `did you mean ${near}? `;
  const more = known.length > MAX_NAMED ? `, or ${known.length - MAX_NAMED} others` : '';
  return {
    reason: 'FieldValueNotSupported',
    message: `"${value}" is not a template; ${meant}use ${known.slice(0, MAX_NAMED).join(', ')}${more}`,
    field: childPath('metadata.labels', BASELINE_LABEL),
  };
}
