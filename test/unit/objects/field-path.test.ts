import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { childPath, type FieldPath, parsePath, printPath } from '../../../src/objects/field-path.ts';
import { keysOf, pointerTo } from '../../../src/objects/json-pointer.ts';
import { hostileText } from './hostile-text.ts';

const PRINTED: readonly (readonly [string, FieldPath])[] = [
  ['', []],
  ['spec', ['spec']],
  ['spec.egress[0].to[1]', ['spec', 'egress', 0, 'to', 1]],
  ['metadata.labels[netpol-guard.io/enforce]', ['metadata', 'labels', 'netpol-guard.io/enforce']],
  ['metadata.labels[]', ['metadata', 'labels', '']],
  ['metadata.labels[a[0]].b', ['metadata', 'labels', 'a[0]', 'b']],
  ['items[3].metadata.name', ['items', 3, 'metadata', 'name']],
  ['labels.__proto__', ['labels', '__proto__']],
];

/** A key that no path can tell from two steps, or from a place in a list. */
const isAmbiguous = (key: string) => /\](?:[.[]|$)/.test(key) || /^\d+$/.test(key);

const steps = fc.array(
  fc.oneof(
    fc.nat(),
    hostileText().filter((key) => !isAmbiguous(key)),
  ),
);

describe('a field path', () => {
  it.each(PRINTED)('is printed as Kubernetes prints %s, and read back', (text, path) => {
    expect(printPath(path)).toBe(text);
    expect(parsePath(text)).toEqual(path);
  });

  it('is read back, whatever its keys are', () => {
    fc.assert(
      fc.property(steps, (path) => {
        expect(parsePath(printPath(path))).toEqual(path);
      }),
    );
  });

  it('is the same step by step and in one go', () => {
    expect(childPath(childPath('spec', 'egress'), 2)).toBe(printPath(['spec', 'egress', 2]));
  });

  it('is a JSON pointer too', () => {
    expect(pointerTo('metadata', 'labels', 'a/b~c', 0)).toBe('/metadata/labels/a~1b~0c/0');
    expect(keysOf('/metadata/labels/a~1b~0c/0')).toEqual(['metadata', 'labels', 'a/b~c', '0']);
  });

  it('of millions of brackets is read, which would take hours where each was looked for from each', () => {
    for (const text of ['['.repeat(2_000_000), ']'.repeat(2_000_000), '[]'.repeat(200_000), 'a['.repeat(20_000)]) {
      expect(parsePath(`spec[${text}].x`).at(-1)).toBe('x');
    }
  });
});
