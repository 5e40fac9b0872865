import { expect, test } from 'vitest';
import { fuzz } from './door.ts';

test('three thousand mutated reviews: no crash, no hang, no answer that is not by design', async () => {
  const { answers, faults } = await fuzz(20261121, 3000);
  expect(faults).toEqual([]);
  // A mutator that breaks everything at once would test nothing but the parser.
  for (const kind of ['allowed', 'denied 403', 'denied 422', '400']) expect(answers.get(kind)).toBeGreaterThan(100);
}, 60_000);
