import { expect, test } from 'vitest';
import { Namespace, runSequence } from './tenant.ts';

/** `npm run fuzz:tenant -- COUNT SEED` runs as many as one likes. */
const SEEDS = Array.from({ length: 300 }, (_, i) => 20_261_130 + i);

test('whatever a tenant writes, in whatever order, no pod reaches anywhere and nothing is held up that goes', async () => {
  for (const seed of SEEDS) expect([seed, ...(await runSequence(seed))]).toEqual([seed]);
}, 120_000);

test('a fault would be seen: a pod that reaches anywhere', () => {
  const namespace = new Namespace();
  expect(namespace.faults()).toEqual([]);
  namespace['store']('a', {
    spec: { podSelector: {}, policyTypes: ['Egress'], egress: [{}] },
    finalizers: [],
    deleting: true,
  });
  expect(namespace.faults()).toEqual([expect.stringContaining('reach anywhere on port 53')]);
});
