import { expect, test } from 'vitest';
import { Violations } from '../../../src/baseline/violations.ts';
import { offlineSnapshot } from '../../../src/policy/offline-snapshot.ts';
import { BOTH_53, policy, SETTINGS } from '../policy/fixtures.ts';

const DONE = { kind: 'done' };
const LATER = { kind: 'routine' };

/** Policies that each open port 53 to anywhere, on a clock by which each takes so long to judge. */
function setUp(count: number, eachMs: number) {
  const open = { podSelector: {}, policyTypes: ['Egress'], egress: [{ ports: BOTH_53 }] };
  const policies = Array.from({ length: count }, (_, i) => policy(`open-${i}`, open));
  const snapshot = offlineSnapshot({ namespaces: [], policies, otherPolicies: [] }, SETTINGS);
  let time = 0;
  const slept: number[] = [];
  const clock = {
    elapsed: () => time,
    sleep: async (ms: number) => {
      slept.push(ms);
      time += ms;
    },
    random: () => 0,
  };
  const settings = () => {
    time += eachMs;
    return SETTINGS;
  };
  const violations = new Violations({ cluster: { snapshot: () => snapshot }, settings, clock, now: () => 0 });
  const audit = () => violations.audit('shop', new AbortController().signal);
  return { violations, audit, slept };
}

test('a small namespace is judged in one turn, and its policies are counted by rule', async () => {
  const { violations, audit } = setUp(3, 1);

  expect(await audit()).toEqual(DONE);

  expect(violations.counts()).toContainEqual({ rule: 'dns-open-to-anywhere', level: 'standard', count: 3 });
});

test('as long as it has judged it pauses, so that requests have half of the time', async () => {
  const { audit, slept } = setUp(4, 40);

  await audit();

  expect(slept).toEqual([40, 40, 40, 40]);
});

test('one that takes long is judged a second at a time, after all others, and counted once it is through', async () => {
  const { violations, audit } = setUp(5, 600);

  const outcomes = [await audit(), await audit(), await audit(), await audit()];
  expect(outcomes).toEqual([LATER, LATER, LATER, LATER]);
  expect(violations.counts()).toEqual([]);
  expect(await audit()).toEqual(DONE);

  expect(violations.counts()).toContainEqual({ rule: 'dns-open-to-anywhere', level: 'standard', count: 5 });
});

test('what changes while it is judged is judged again', async () => {
  const { violations, audit } = setUp(2, 600);

  await audit();
  violations.changed('shop');

  expect(await audit()).toEqual(LATER);
  expect([await audit(), await audit()]).toEqual([LATER, DONE]);
});
