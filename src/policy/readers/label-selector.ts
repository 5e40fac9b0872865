import { LabelSelector, type Requirement } from '../../sets/label-selector.ts';
import { InvalidObject } from './invalid-object.ts';
import { asList, asObject, asString, asStringMap, field } from './shape.ts';

const OPERATORS: ReadonlySet<string> = new Set(['In', 'NotIn', 'Exists', 'DoesNotExist']);

/** readLabelSelector reads a metav1.LabelSelector; a missing one picks everything. */
export function readLabelSelector(value: unknown, path: string): LabelSelector {
  const object = asObject(value, path);
  const labels = asStringMap(field(object, 'matchLabels'), `${path}.matchLabels`);
  const requirements = asList(field(object, 'matchExpressions'), `${path}.matchExpressions`).map((item, i) =>
    readRequirement(item, `${path}.matchExpressions[${i}]`),
  );
  return LabelSelector.of(labels, requirements);
}

function readRequirement(value: unknown, path: string): Requirement {
  const object = asObject(value, path);
  const operator = asString(field(object, 'operator'), `${path}.operator`);
  if (!isOperator(operator)) {
    throw new InvalidObject(`${path}.operator`, `"${operator}" is not In, NotIn, Exists or DoesNotExist`);
  }
  const values = asList(field(object, 'values'), `${path}.values`).map((item, i) =>
    asString(item, `${path}.values[${i}]`),
  );
  return { key: asString(field(object, 'key'), `${path}.key`), operator, values };
}

function isOperator(text: string): text is Requirement['operator'] {
  return OPERATORS.has(text);
}
