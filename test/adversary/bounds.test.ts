import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../src/policy/evaluate.ts';
import { stepsOf } from './steps.ts';

// The engine must not be loaded before steps are counted.
const { CROWDS, crowd, HOSTILE_RULES, hostilePolicy, OPENING } = await import('./hostile.ts');
const { allowDns, deny, judge, policy, SETTINGS } = await import('../unit/policy/fixtures.ts');
const { CROWDS: DECOYS } = await import('../unit/policy/openings/decoys.ts');
const { DEFAULT_BUDGET } = await import('../../src/sets/budget.ts');
const { IntervalSet } = await import('../../src/sets/interval-set.ts');

/** Large enough that what stops at a budget has stopped. */
const SIZE = 1_000;

it('steps tell work in proportion from work that grows with the square', () => {
  const intervals = (size: number) => Array.from({ length: size }, (_, i) => IntervalSet.of(2 * i, 2 * i + 1));
  const atOnce = growth((size) => IntervalSet.unionAll(intervals(size / 4)));
  const oneByOne = growth((size) => intervals(size / 4).reduce((sum, interval) => sum.union(interval)));
  expect(atOnce.fourTimes).toBeLessThan(5);
  expect(oneByOne.fourTimes).toBeGreaterThan(14);
});

describe('the work on a hostile policy grows no faster than the policy', () => {
  it.each(HOSTILE_RULES)('%s', (_, rules) => {
    const others = [allowDns(), deny()];
    expectInProportion((size) => {
      const [before, after] = [hostilePolicy(rules(size)), hostilePolicy(rules(size))];
      const stored = [...others, before];
      return [
        judge({ operation: 'CREATE', after }, { stored: others }),
        judge({ operation: 'UPDATE', before, after }, { stored }),
        judge({ operation: 'DELETE', before }, { stored }),
      ];
    });
  });
});

describe('the work on a change grows no faster than the number of policies beside it', () => {
  it.each(CROWDS)('that open %s each', (_, rule) => {
    expectInProportion((size) => {
      const stored = [...crowd(size, rule), allowDns(), deny()];
      return [
        judge({ operation: 'CREATE', after: OPENING }, { stored }),
        judge({ operation: 'DELETE', before: allowDns() }, { stored }),
        judge({ operation: 'DELETE', before: deny() }, { stored }),
      ];
    });
  });
});

describe('a verdict ends with its budget, whatever a tenant has stored', () => {
  it.each(DECOYS)('beside %s', (_, specs) => {
    const stored = specs.map((spec, i) => policy(`decoy-${i}`, spec));
    const judgeAll = () =>
      [...stored.slice(0, 3), OPENING].map((after) =>
        judge({ operation: 'CREATE', after: renamed(after) }, { stored }),
      );
    judgeAll();
    expect(stepsOf(judgeAll) / 4).toBeLessThan(MOST_STEPS);
  });
});

it('a verdict on what is called like a repair ends with its budget, however many policies need one', async () => {
  const { EXPENSIVE, needy } = await import('../unit/policy/repairs/entangled.ts');
  const stored = [...EXPENSIVE, ...Array.from({ length: 20 }, (_, i) => needy(`app-${i}`))];
  const settings = { ...SETTINGS, dnsBlocked: { ...SETTINGS.dnsBlocked, onWrite: 'repair' as const } };
  const judgeAll = () =>
    ['app-1', 'other'].map((name) => {
      const after = allowDns({ matchLabels: { app: name } }, undefined, `netpol-guard-dns-for-${name}`);
      return judge({ operation: 'CREATE', after }, { stored, settings });
    });
  judgeAll();
  expect(stepsOf(judgeAll) / 2).toBeLessThan(MOST_STEPS);
});

/** Walking a bound or comparing a value is some steps of V8's; reading and indexing what is stored come on top. */
const MOST_STEPS = 6 * DEFAULT_BUDGET;

function renamed(policy: typeof OPENING): typeof OPENING {
  return { ...policy, ref: { ...policy.ref, name: 'new' } };
}

/** Of each rule no more than fifty findings that deny, and fifty others, are reported. */
function expectInProportion(judgeAll: (size: number) => readonly Verdict[]) {
  const { twice, fourTimes } = growth((size) => {
    for (const { findings } of judgeAll(size)) {
      const counts = new Map<string, number>();
      for (const { rule, effect } of findings) {
        const key = `${rule} ${effect === 'deny'}`;
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
      expect([...counts].filter(([, count]) => count > 50)).toEqual([]);
    }
  });
  // The square would be 4 and 16; sorting, and what is only counted once code is warm, take some.
  expect(twice).toBeLessThan(3);
  expect(fourTimes).toBeLessThan(6);
}

/** growth says how many times the steps of a size twice and four times the size take. */
function growth(work: (size: number) => unknown): { readonly twice: number; readonly fourTimes: number } {
  work(SIZE);
  const [once = 0, twice = 0, fourTimes = 0] = [SIZE, 2 * SIZE, 4 * SIZE].map((size) => stepsOf(() => work(size)));
  return { twice: twice / once, fourTimes: fourTimes / once };
}
