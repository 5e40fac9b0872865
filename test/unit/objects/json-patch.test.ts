import fc from 'fast-check';
import { expect, test } from 'vitest';
import { applyPatch, labelPatch } from '../../../src/objects/json-patch.ts';

const WISHES = new Map([['a.io/x', 'one']]);

test.each([
  ['no metadata', {}, [{ op: 'add', path: '/metadata', value: { labels: { 'a.io/x': 'one' } } }]],
  ['metadata null', { metadata: null }, [{ op: 'add', path: '/metadata', value: { labels: { 'a.io/x': 'one' } } }]],
  ['no labels', { metadata: {} }, [{ op: 'add', path: '/metadata/labels', value: { 'a.io/x': 'one' } }]],
  [
    'labels null',
    { metadata: { labels: null } },
    [{ op: 'add', path: '/metadata/labels', value: { 'a.io/x': 'one' } }],
  ],
  [
    'no label of ours',
    { metadata: { labels: { b: '' } } },
    [{ op: 'add', path: '/metadata/labels/a.io~1x', value: 'one' }],
  ],
  [
    'another value',
    { metadata: { labels: { 'a.io/x': '' } } },
    [{ op: 'add', path: '/metadata/labels/a.io~1x', value: 'one' }],
  ],
  ['what is wished', { metadata: { labels: { 'a.io/x': 'one' } } }, []],
])('a label is added to an object with %s', (_, object, patch) => {
  expect(labelPatch(object, WISHES)).toEqual(patch);
  const patched: unknown = applyPatch(
    object,
    patch.map((step) => ({ ...step, op: 'add' }) as const),
  );
  expect(patched).toMatchObject({ metadata: { labels: { 'a.io/x': 'one' } } });
});

test('a label is removed where it is, and nowhere else', () => {
  const gone = new Map([['a.io/x', undefined]]);
  expect(labelPatch({ metadata: { labels: { 'a.io/x': 'one', b: '' } } }, gone)).toEqual([
    { op: 'remove', path: '/metadata/labels/a.io~1x' },
  ]);
  for (const object of [
    {},
    { metadata: null },
    { metadata: {} },
    { metadata: { labels: null } },
    { metadata: { labels: { b: '' } } },
  ]) {
    expect(labelPatch(object, gone)).toEqual([]);
  }
});

test('keys are escaped as RFC 6901 has it', () => {
  const object = { metadata: { labels: {} } };
  const patch = labelPatch(object, new Map([['a~1/b~/c', 'x']]));
  expect(patch).toEqual([{ op: 'add', path: '/metadata/labels/a~01~1b~0~1c', value: 'x' }]);
  expect(applyPatch(object, patch)).toEqual({ metadata: { labels: { 'a~1/b~/c': 'x' } } });
});

test('a step that cannot be taken is an error, as it is for the API server', () => {
  const remove = [{ op: 'remove', path: '/metadata/labels/x' }] as const;
  expect(() => applyPatch({ metadata: { labels: {} } }, remove)).toThrow('there is no /metadata/labels/x to remove');
  expect(() => applyPatch({ metadata: null }, remove)).toThrow('no object holds /metadata/labels/x');
});

const labels = fc.dictionary(
  fc.oneof(fc.constantFrom('a.io/x', 'a~b', 'constructor', '__proto__'), fc.string()),
  fc.option(fc.string()),
);
const objects = fc.oneof(
  fc.constantFrom({}, { metadata: null }, { metadata: {} }, { kind: 'Namespace', metadata: { labels: null } }),
  labels.map((own) => ({ kind: 'Namespace', metadata: { name: 'shop', labels: own }, spec: { finalizers: [] } })),
);
const changes = fc
  .array(
    fc.tuple(
      fc.oneof(fc.constantFrom('a.io/x', 'a~b', '__proto__'), fc.string()),
      fc.option(fc.string(), { nil: undefined }),
    ),
  )
  .map((entries) => new Map(entries));

test('the patch does what is wished and no more, once, and leaves the object that it is for as it is', () => {
  fc.assert(
    fc.property(objects, changes, (object, wished) => {
      const text = JSON.stringify(object);
      const patched = applyPatch(object, labelPatch(object, wished));
      expect(JSON.stringify(object)).toBe(text);
      expect(labelPatch(patched, wished)).toEqual([]);
      const before = labelsOf(object);
      const after = labelsOf(patched);
      for (const key of new Set([...before.keys(), ...after.keys(), ...wished.keys()])) {
        expect(after.get(key)).toBe(wished.has(key) ? wished.get(key) : before.get(key));
      }
      expect(withoutLabels(patched)).toEqual(withoutLabels(object));
    }),
  );
});

function labelsOf(object: unknown): Map<string, unknown> {
  return new Map(Object.entries((object as { metadata?: { labels?: object | null } | null }).metadata?.labels ?? {}));
}

function withoutLabels(object: unknown): object {
  const { metadata, ...rest } = object as { metadata?: { labels?: unknown } | null };
  return { ...rest, metadata: { ...metadata, labels: undefined } };
}
