import { asList, asObject, asString, asStringMap, field } from '../../../objects/fields.ts';
import { InvalidObject } from '../../../objects/invalid-object.ts';
import { LabelSelector, type Requirement } from '../../../sets/label-selector.ts';
import { ItemCount } from './size.ts';

const OPERATORS: ReadonlySet<string> = new Set(['In', 'NotIn', 'Exists', 'DoesNotExist']);

/** ReadSelector is a selector with a number that is another one for each different selector of the policy. */
export interface ReadSelector {
  readonly id: number;
  readonly selector: LabelSelector;
}

/** SelectorReader reads the selectors of one policy. Equal ones are the same object, and are counted once. */
export class SelectorReader {
  private readonly count: ItemCount;
  private readonly known = new Map<string, ReadSelector>();

  constructor(count: ItemCount) {
    this.count = count;
  }

  /** read reads a metav1.LabelSelector; a missing one picks everything. */
  read(value: unknown, path: string): ReadSelector {
    const object = asObject(value, path);
    const labels = asStringMap(field(object, 'matchLabels'), `${path}.matchLabels`);
    const requirements = asList(field(object, 'matchExpressions'), `${path}.matchExpressions`).map((item, i) =>
      readRequirement(item, `${path}.matchExpressions[${i}]`),
    );
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

/** readLabelSelector reads a metav1.LabelSelector that stands alone; a missing one picks everything. */
export function readLabelSelector(value: unknown, path: string): LabelSelector {
  return new SelectorReader(new ItemCount(asObject(value, path))).read(value, path).selector;
}

/** spelled writes a requirement in one way, whatever the order of its values. */
function spelled({ key, operator, values }: Requirement): string {
  return JSON.stringify([key, operator, ...[...values].sort()]);
}

function readRequirement(value: unknown, path: string): Requirement {
  const object = asObject(value, path);
  const operator = asString(field(object, 'operator'), `${path}.operator`);
  if (!isOperator(operator)) {
    throw new InvalidObject(`${path}.operator`, `"${operator}" is not In, NotIn, Exists or DoesNotExist`);
  }
  const values = new Set<string>();
  for (const [i, item] of asList(field(object, 'values'), `${path}.values`).entries()) {
    values.add(asString(item, `${path}.values[${i}]`));
  }
  return { key: asString(field(object, 'key'), `${path}.key`), operator, values: [...values] };
}

function isOperator(text: string): text is Requirement['operator'] {
  return OPERATORS.has(text);
}
