import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SelectorIndex } from '../../../../src/policy/model/selector-index.ts';
import { selector } from '../../sets/arbitraries.ts';

const items = fc.array(
  selector.map((subject) => ({ subject })),
  { maxLength: 12 },
);

test('it finds just those that can pick a common pod with a selector', () => {
  fc.assert(
    fc.property(items, items, selector, (kept, gone, wanted) => {
      const index = new SelectorIndex();
      for (const item of [...gone, ...kept]) index.add(item);
      for (const item of gone) index.delete(item);
      const found = [...index.intersecting(wanted, () => {})];
      expect(new Set(found)).toEqual(new Set(kept.filter(({ subject }) => subject.intersects(wanted))));
      expect(found).toHaveLength(new Set(found).size);
    }),
  );
});

test('it keeps nothing of what is gone, however many labels came and went', () => {
  fc.assert(
    fc.property(items, (gone) => {
      const index = new SelectorIndex();
      for (const item of gone) index.add(item);
      for (const item of gone) index.delete(item);
      expect(index).toEqual(new SelectorIndex());
    }),
  );
});
