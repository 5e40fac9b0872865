import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ADDRESS_RULES } from './address-openings.ts';
import { disagreement, type Tally } from './compare.ts';
import { GAP_RULES } from './dns-gaps.ts';
import { Engine } from './engine.ts';
import { planeWorld, shopWorld, sliceWorld, wayWorld } from './generate.ts';
import type { World } from './manifest.ts';
import { expected } from './oracle.ts';

function agree(worlds: fc.Arbitrary<World>, numRuns: number): Tally {
  const engine = new Engine();
  const tally: Tally = new Map();
  fc.assert(
    fc.property(worlds, (world) => {
      const report = disagreement(world, engine, tally);
      if (report !== undefined) throw new Error(report);
    }),
    // The same worlds every time; `npm run worlds` looks for new ones.
    { numRuns, seed: 20261121 },
  );
  return tally;
}

describe('the engine against brute force over small worlds', () => {
  it('agrees in an ordinary namespace', { timeout: 60_000 }, () => {
    const tally = agree(shopWorld, 3000);
    for (const rule of [...GAP_RULES, ...ADDRESS_RULES, 'dns-open-to-cluster']) {
      expect(tally.get(rule)?.get('blamed'), rule).toBeGreaterThan(10);
      expect(tally.get(rule)?.get('absent'), rule).toBeGreaterThan(10);
      if (rule !== 'dns-depends-on-cni') expect(tally.get(rule)?.get('standing'), rule).toBeGreaterThan(0);
    }
  });

  it('agrees where openings add up', { timeout: 60_000 }, () => {
    const tally = agree(sliceWorld, 1000);
    for (const rule of ADDRESS_RULES) {
      expect(tally.get(rule)?.get('blamed'), rule).toBeGreaterThan(50);
      expect(tally.get(rule)?.get('standing'), rule).toBeGreaterThan(5);
    }
  });

  it('agrees where pods gain and lose ways to DNS', { timeout: 60_000 }, () => {
    const tally = agree(wayWorld, 1000);
    for (const rule of GAP_RULES) expect(tally.get(rule)?.get('blamed'), rule).toBeGreaterThan(50);
  });

  it('is asked for one answer nearly always', { timeout: 60_000 }, () => {
    const several = fc
      .sample(shopWorld, { numRuns: 1000, seed: 20261121 })
      .filter((world) =>
        Object.entries(expected(world)).some(([rule, { size }]) => rule !== 'egress-rules-ignored' && size > 1),
      );
    expect(several.length).toBeLessThan(10);
  });

  it('agrees where the DNS servers live', { timeout: 60_000 }, () => {
    const tally = agree(planeWorld, 1000);
    expect(tally.get('dns-servers-isolated')?.get('blamed')).toBeGreaterThan(10);
    expect(tally.get('dns-servers-isolated')?.get('standing')).toBeGreaterThan(10);
    expect(tally.get('dns-servers-isolated')?.get('absent')).toBeGreaterThan(10);
  });
});
