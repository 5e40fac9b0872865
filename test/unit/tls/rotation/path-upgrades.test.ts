import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { simulateUpgrades, type UpgradesOptions } from './simulation/upgrades.ts';

const SEEDS = fc.integer({ min: 1, max: 2 ** 31 - 1 });

describe('an upgrade from a version without secrets in paths, and a rollback to it', () => {
  it('loses no call, however long it takes and whatever goes wrong', async () => {
    let hidden = 0;
    await fc.assert(
      fc.asyncProperty(SEEDS, async (seed) => {
        const { violations, hasHidden } = await simulateUpgrades({ seed });
        expect(violations).toEqual([]);
        hidden += hasHidden ? 1 : 0;
      }),
      { numRuns: 12, endOnFailure: true },
    );
    expect(hidden).toBeGreaterThan(6);
  }, 120_000);
});

/** Each takes away one thing that this counts on; if nobody is hurt, the simulation shows nothing. */
const PLANTED: readonly (readonly [what: string, options: Omit<UpgradesOptions, 'seed'>])[] = [
  ['nobody tells that older replicas still run', { flaws: { blindRollouts: true } }],
  ['a replica that starts does not know what was called a moment ago', { forgetsPlain: true }],
  ['a secret is dropped as soon as there is a newer one', { flaws: { hurriedSecrets: true } }],
];

describe('the simulation of upgrades', () => {
  it.each(PLANTED)('finds the fault where %s', { timeout: 120_000 }, async (_what, options) => {
    let found: readonly string[] = [];
    for (let seed = 1; seed <= 200 && found.length === 0; seed += 1) {
      found = (await simulateUpgrades({ seed, ...options })).violations;
    }
    expect(found).not.toEqual([]);
  });
});
