import { type Faults, FIRST_FAULT } from '../../../objects/faults.ts';
import { asList, asObject, asString, asStringMap, field, type Json, onlyFields } from '../../../objects/fields.ts';
import { checkLabel } from '../../../objects/metadata.ts';
import { labelKeyProblem, labelValueProblem } from '../../../objects/names.ts';
import { show } from '../../../objects/problem.ts';
import { LabelSelector, type Requirement } from '../../../sets/label-selector.ts';
import { ItemCount } from '../../model/size.ts';

const OPERATORS = ['In', 'NotIn', 'Exists', 'DoesNotExist'] as const;

/** ReadSelector is a selector with a number that is unique among the different selectors of the policy. */
export interface ReadSelector {
  readonly id: number;
  readonly selector: LabelSelector;
}

/** SelectorReader reads the selectors of one policy. Equal ones are the same object, and are counted once. */
export class SelectorReader {
  private readonly count: ItemCount;
  private readonly faults: Faults;
  private readonly known = new Map<string, ReadSelector>();

  constructor(count: ItemCount, faults: Faults) {
    this.count = count;
    this.faults = faults;
  }

  /** read reads a metav1.LabelSelector; a missing one picks everything. */
  read(value: unknown, path: string): ReadSelector {
    const { faults } = this;
    const object = asObject(value, path, faults);
    onlyFields(object, path, ['matchLabels', 'matchExpressions'], faults);
    const labels = asStringMap(field(object, 'matchLabels'), `${path}.matchLabels`, faults);
    if (faults.wantsAll) for (const [key, item] of labels) checkLabel(key, item, `${path}.matchLabels`, faults);
    const listed = asList(field(object, 'matchExpressions'), `${path}.matchExpressions`, faults);
    const requirements = listed.map((item, i) => readRequirement(item, `${path}.matchExpressions[${i}]`, faults));
    const different = new Map(requirements.map((requirement) => [spelled(requirement), requirement]));
    const text = JSON.stringify([[...labels].sort(), [...different.keys()].sort()]);
    const known = this.known.get(text);
    if (known !== undefined) return known;
    for (const { values } of different.values()) this.count.add('selector terms', 1 + values.length);
    this.count.add('selector terms', labels.size);
    const read = { id: this.known.size, selector: LabelSelector.of(labels, [...different.values()]) };
    this.known.set(text, read);
    return read;
  }
}

/** readLabelSelector reads a metav1.LabelSelector outside a policy; a missing one picks everything. */
export function readLabelSelector(value: unknown, path: string, faults: Faults = FIRST_FAULT): LabelSelector {
  return new SelectorReader(new ItemCount(asObject(value, path, faults)), faults).read(value, path).selector;
}

/** spelled writes a requirement in a canonical form, regardless of the order of its values. */
function spelled({ key, operator, values }: Requirement): string {
  return JSON.stringify([key, operator, ...[...values].sort()]);
}

function readRequirement(value: unknown, path: string, faults: Faults): Requirement {
  const object = asObject(value, path, faults);
  onlyFields(object, path, ['key', 'operator', 'values'], faults);
  const key = readKey(field(object, 'key'), `${path}.key`, faults);
  const operator = readOperator(object, path, faults);
  const listed = asList(field(object, 'values'), `${path}.values`, faults);
  const values = new Set(listed.map((item, i) => asString(item ?? '', `${path}.values[${i}]`, faults)));
  if (faults.wantsAll) checkValues(operator, listed, `${path}.values`, faults);
  return { key, operator: operator ?? 'Exists', values: [...values] };
}

function readKey(value: unknown, path: string, faults: Faults): string {
  if (value === undefined) faults.unreadable(path, 'is missing; name a label');
  const key = asString(value ?? '', path, faults);
  if (!faults.wantsAll || value === undefined) return key;
  const message = labelKeyProblem(key);
  if (message !== undefined) faults.refused({ path, message });
  return key;
}

/** undefined after a fault. */
function readOperator(object: Json, path: string, faults: Faults): Requirement['operator'] | undefined {
  const text = asString(field(object, 'operator') ?? '', `${path}.operator`, faults);
  const operator = OPERATORS.find((known) => known === text);
  if (operator === undefined) {
    faults.unreadable(`${path}.operator`, `${show(text)} is not one of ${OPERATORS.join(', ')}`);
  }
  return operator;
}

function checkValues(
  operator: Requirement['operator'] | undefined,
  values: readonly unknown[],
  path: string,
  faults: Faults,
): void {
  for (const [i, value] of values.entries()) {
    const message = typeof value === 'string' ? labelValueProblem(value) : undefined;
    if (message !== undefined) faults.refused({ path: `${path}[${i}]`, message });
  }
  if (operator === undefined) return;
  const wanted = operator === 'In' || operator === 'NotIn';
  if (wanted && values.length === 0) {
    faults.refused({ path, message: `is empty; ${operator} needs at least one value` });
  } else if (!wanted && values.length > 0) {
    faults.refused({ path, message: `${show(values)} does not go with ${operator}; leave it out` });
  }
}
