import { InvalidObject } from './invalid-object.ts';
import type { Json } from './shape.ts';

/**
 * MOST_ITEMS is how many items the lists of one policy may have together. An empty rule is two bytes to the API server
 * and some five hundred once it is read; the largest policies that people generate have ten thousand blocks.
 */
export const MOST_ITEMS = 100_000;

/** demandReadableSize throws InvalidObject where the lists of a spec have more items than are read. */
export function demandReadableSize(spec: Json): void {
  let items = 0;
  const waiting: object[] = [spec];
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    if (Array.isArray(value)) items += value.length;
    if (items > MOST_ITEMS) {
      throw new InvalidObject('spec', `has lists of more than ${MOST_ITEMS} items together; split the policy`);
    }
    if (Array.isArray(value)) for (const child of value) keepObject(child, waiting);
    else for (const key in value) keepObject((value as Json)[key], waiting);
  }
}

function keepObject(value: unknown, waiting: object[]): void {
  if (typeof value === 'object' && value !== null) waiting.push(value);
}
