import { type Check, listOf, object, text } from './checks.ts';
import { field, type Json } from './fields.ts';
import { labelEntries } from './metadata.ts';
import { labelKeyProblem, labelValueProblem } from './names.ts';
import { type Problem, show } from './problem.ts';

const OPERATORS = ['In', 'NotIn', 'Exists', 'DoesNotExist'];

const requirement: Check = object(
  { key: text(labelKeyProblem), operator: text(), values: listOf(text(labelValueProblem), '') },
  (value, path, problems) => {
    if (field(value, 'key') === undefined) problems.push({ path: `${path}.key`, message: 'is missing; name a label' });
    checkOperator(value, path, problems);
  },
);

function checkOperator(value: Json, path: string, problems: Problem[]): void {
  const operator = field(value, 'operator') ?? '';
  if (typeof operator !== 'string') return;
  const values = field(value, 'values') ?? [];
  const count = Array.isArray(values) ? values.length : 0;
  if (!OPERATORS.includes(operator)) {
    problems.push({ path: `${path}.operator`, message: `${show(operator)} is not one of ${OPERATORS.join(', ')}` });
  } else if (operator.endsWith('In') && count === 0) {
    problems.push({ path: `${path}.values`, message: `is empty; ${operator} needs at least one value` });
  } else if (!operator.endsWith('In') && count > 0) {
    problems.push({ path: `${path}.values`, message: `${show(values)} does not go with ${operator}; leave it out` });
  }
}

/** labelSelector checks a metav1.LabelSelector. */
export const labelSelector: Check = object({ matchLabels: labelEntries, matchExpressions: listOf(requirement, {}) });
