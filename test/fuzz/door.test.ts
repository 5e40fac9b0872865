import { queryObjects } from 'node:v8';
import { expect, test } from 'vitest';
import {
  GATE_OUTCOMES,
  GRACE_WAIT_OUTCOMES,
  INTERNAL_ERROR_KINDS,
  LIVE_READ_OUTCOMES,
  UNCONFIRMED_REASONS,
} from '../../src/admission/review/observer.ts';
import { LIMITS } from '../../src/admission/server/server.ts';
import { RULES } from '../../src/policy/rules/index.ts';
import { AddressSet } from '../../src/sets/address-set.ts';
import { LabelSelector } from '../../src/sets/label-selector.ts';
import { Chance } from './chance.ts';
import { fuzz, openDoor } from './door.ts';
import { mutate } from './mutator.ts';

// Before all others, whose doors would be seen as well until they are collected.
test('nothing is kept of what was reviewed: no selector and no addresses', async () => {
  const door = openDoor();
  await fuzz(door, 1, 500);
  const before = livingSets();
  expect(before.selectors).toBeGreaterThan(0);
  await fuzz(door, 2, 1000);
  expect(livingSets()).toEqual(before);
  await door.app.close();
}, 60_000);

/** What is still referred to, after a collection of garbage. */
function livingSets() {
  return {
    selectors: queryObjects(LabelSelector, { format: 'count' }),
    addresses: queryObjects(AddressSet, { format: 'count' }),
  };
}

test('four thousand mutated reviews: no crash, no answer that is not by design', async () => {
  const door = openDoor();
  const { answers, faults } = await fuzz(door, 20261121, 4000);
  expect(faults).toEqual([]);
  // A mutator that breaks everything at once would test nothing but the parser.
  for (const kind of ['allowed', 'denied 403', 'denied 422', 'denied 429', 'patched', '400']) {
    expect(answers.get(kind), kind).toBeGreaterThan(100);
  }
  const metrics = await door.metrics.text();
  expect(metrics.text).toContain('\nnetpol_guard_internal_errors_total{kind="labels"} 0\n');
  await door.app.close();
}, 60_000);

test('no metric has a label that a request could choose', async () => {
  const door = openDoor();
  await fuzz(door, 3, 1000);
  const { text } = await door.metrics.text();
  const ours = text.split('\n').filter((line) => /^netpol_guard_(?!nodejs_|process_)/.test(line));
  const values = ours.flatMap((line) => [...line.matchAll(/="((?:[^"\\]|\\.)*)"/g)].map(([, value]) => value));
  const known = ['CREATE', 'UPDATE', 'DELETE', 'networkpolicies', 'namespaces', 'pods', 'true', 'false'];
  known.push('deny', 'warn', 'audit', ...RULES.map(({ id }) => id));
  known.push(
    ...GATE_OUTCOMES,
    ...GRACE_WAIT_OUTCOMES,
    ...INTERNAL_ERROR_KINDS,
    ...LIVE_READ_OUTCOMES,
    ...UNCONFIRMED_REASONS,
    'loaded',
    'refused',
  );
  const others = new Set(values.filter((value = '') => !known.includes(value) && !/^([\d.]+|\+Inf)$/.test(value)));
  expect(values).toContain('DELETE');
  expect([...others]).toEqual([]);
  await door.app.close();
}, 60_000);

test('mutated text outgrows what the server reads, and not by much', () => {
  const egress = Array.from({ length: 1000 }, () => ({ to: [{}] }));
  const lengths = Array.from(
    { length: 200 },
    (_, i) => mutate({ request: { object: { spec: { egress } } } }, new Chance(100 + i)).length,
  );
  expect(Math.max(...lengths)).toBeGreaterThan(LIMITS.body);
  expect(Math.max(...lengths)).toBeLessThan(3 * LIMITS.body);
});
