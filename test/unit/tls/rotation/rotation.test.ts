import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type SimulationOptions, simulate } from './simulation/simulate.ts';

const SEEDS = fc.integer({ min: 1, max: 2 ** 31 - 1 });
const MINUTE = 60_000;

describe('replicas that rotate their certificates together', () => {
  it('change CA and certificate where nothing goes wrong, with few writes', async () => {
    const result = await simulate({ seed: 1, isPeaceful: true });
    expect(result).toMatchObject({ violations: [], unsettled: [] });
    expect(result.authorities).toBeGreaterThanOrEqual(5);
    // Of these two for each certificate: a secret is made, and its predecessor dropped.
    expect(result.quietWrites).toBeLessThan(24);
  });

  it('never show what an API server could not verify, whatever goes wrong, and come to rest', async () => {
    await fc.assert(
      fc.asyncProperty(SEEDS, fc.constantFrom(6, 40), async (seed, lateOneIn) => {
        const { violations, unsettled, quietWrites } = await simulate({ seed, lateOneIn });
        expect({ violations, unsettled }).toEqual({ violations: [], unsettled: [] });
        expect(quietWrites).toBeLessThan(32);
      }),
      { numRuns: 25, endOnFailure: true },
    );
  }, 120_000);
});

/** Each takes away one thing that the algorithm counts on; if nobody is hurt, the simulation shows nothing. */
const PLANTED: readonly (readonly [what: string, options: Omit<SimulationOptions, 'seed'>])[] = [
  ['configurations are written whatever their version is', { flaws: { blindWrites: true }, lateOneIn: 6 }],
  ['CAs that the Secret has lost are not noticed where they are published', { flaws: { forgetfulReads: true } }],
  ['what is stored is shown at once', { isHasty: true }],
  ['an old CA is dropped while somebody may still show what it signed', { flaws: { hurriedDrops: true } }],
  ['API servers are further behind than a CA is left to settle', { lagMs: 5 * MINUTE }],
];

describe('the simulation', () => {
  it.each(PLANTED)('finds the fault where %s', { timeout: 120_000 }, async (_what, options) => {
    let found: readonly string[] = [];
    for (let seed = 1; seed <= 100 && found.length === 0; seed += 1) {
      found = (await simulate({ seed, ...options })).violations;
    }
    expect(found).not.toEqual([]);
  });
});
