import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KeptPolicies } from '../../../../src/cluster/caches/kept-policies.ts';
import { readNetworkPolicy } from '../../../../src/policy/dialects/network-policy/network-policy.ts';
import type { Policy } from '../../../../src/policy/model/policy.ts';
import { weightOf } from '../../../../src/policy/model/weight.ts';

/** A policy of as many ports: the more, the heavier. */
function policyOf(name: string, ports: number): Policy {
  const egress = [{ ports: Array.from({ length: ports }, (_, i) => ({ port: i + 1 })) }];
  return readNetworkPolicy({ metadata: { name }, spec: { podSelector: {}, policyTypes: ['Egress'], egress } }, 'shop');
}

const LIMIT = 5 * weightOf(policyOf('x', 10));
const names = ['a', 'b', 'c', 'd', 'e', 'f', 'netpol-guard-x', 'netpol-guard-y'];
const step = fc.oneof(
  fc.record({ name: fc.constantFrom(...names), ports: fc.integer({ min: 0, max: 60 }) }),
  fc.record({ name: fc.constantFrom(...names), ports: fc.constant(undefined) }),
);

/** The rule in one sentence: managed first, then the lightest, as long as they fit together. */
function shouldKeep(stored: ReadonlyMap<string, Policy>, limit: number): readonly string[] {
  const isManaged = (name: string) => name.startsWith('netpol-guard-');
  const ranked = [...stored].sort(
    ([a, one], [b, other]) =>
      Number(isManaged(b)) - Number(isManaged(a)) || weightOf(one) - weightOf(other) || (a < b ? -1 : 1),
  );
  let sum = 0;
  const past = ranked.findIndex(([, policy]) => {
    sum += weightOf(policy);
    return sum > limit;
  });
  return (past < 0 ? ranked : ranked.slice(0, past)).map(([name]) => name).sort();
}

/** What is missing is read again by whoever keeps. */
function fill(kept: KeptPolicies, stored: ReadonlyMap<string, Policy>): void {
  for (const name of [...kept.missing()]) kept.set(name, stored.get(name) as Policy);
}

test('which policies are kept hangs on what is stored, not on how it came', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.boolean(), (steps, fillsAtOnce) => {
      const kept = new KeptPolicies(LIMIT);
      const stored = new Map<string, Policy>();
      for (const { name, ports } of steps) {
        if (ports === undefined) {
          stored.delete(name);
          kept.delete(name);
        } else {
          const policy = policyOf(name, ports);
          stored.set(name, policy);
          kept.set(name, policy);
        }
        if (fillsAtOnce) fill(kept, stored);
      }
      fill(kept, stored);
      const expected = shouldKeep(stored, LIMIT);
      expect([...kept.policies.all()].map(({ ref }) => ref.name).sort()).toEqual(expected);
      expect([...kept.unkept()].sort()).toEqual([...stored.keys()].filter((name) => !expected.includes(name)).sort());
      expect(kept.demanded).toBe([...stored.values()].reduce((sum, policy) => sum + weightOf(policy), 0));
      expect(kept.isWhole).toBe(kept.demanded <= LIMIT);
    }),
    { numRuns: 500 },
  );
});

test('another limit keeps what it would have kept from the start', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 8 }),
      fc.array(fc.integer({ min: 0, max: 3 * LIMIT }), { minLength: 1, maxLength: 4 }),
      (ports, limits) => {
        const stored = new Map(ports.map((count, i) => [names[i] as string, policyOf(names[i] as string, count)]));
        const kept = new KeptPolicies(LIMIT);
        for (const [name, policy] of stored) kept.set(name, policy);
        for (const limit of limits) kept.limitTo(limit);
        fill(kept, stored);
        const expected = shouldKeep(stored, limits.at(-1) as number);
        expect([...kept.policies.all()].map(({ ref }) => ref.name).sort()).toEqual(expected);
      },
    ),
    { numRuns: 300 },
  );
});

test('what is kept never weighs more than the limit', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const kept = new KeptPolicies(LIMIT);
      for (const { name, ports } of steps) {
        if (ports === undefined) kept.delete(name);
        else kept.set(name, policyOf(name, ports));
        let sum = 0;
        for (const policy of kept.policies.all()) sum += weightOf(policy);
        expect(sum).toBeLessThanOrEqual(LIMIT);
      }
    }),
  );
});

test('a small policy is not crowded out by large ones, however many', () => {
  const kept = new KeptPolicies(LIMIT);
  for (let i = 0; i < 100; i += 1) kept.set(`fat-${i}`, policyOf(`fat-${i}`, 55));
  kept.set('allow-dns', policyOf('allow-dns', 2));
  expect(kept.policies.get('allow-dns')).toBeDefined();
  expect(kept.unkept()).not.toContain('allow-dns');
});

test('what is in doubt is named as unkept until it came again', () => {
  const kept = new KeptPolicies(LIMIT);
  const policy = policyOf('a', 1);
  kept.set('a', policy);
  kept.doubt('a');
  expect(kept.policies.get('a')).toBeUndefined();
  expect(kept.unkept()).toEqual(['a']);
  expect([...kept.missing()]).toEqual(['a']);
  kept.set('a', policy);
  expect(kept.unkept()).toEqual([]);
  expect(kept.isWhole).toBe(true);
});
