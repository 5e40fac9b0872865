import { expect, test } from 'vitest';
import { readNetworkPolicy } from '../../../../src/policy/readers/network-policy.ts';
import { MOST_ITEMS } from '../../../../src/policy/readers/size.ts';

const many = <T>(count: number, item: T): T[] => Array.from({ length: count }, () => item);
const read = (spec: object) => readNetworkPolicy({ metadata: { name: 'p' }, spec }, 'shop');
const TOO_MANY = 'spec: has lists of more than 100000 items together; split the policy';

test.each<[string, object]>([
  ['rules', { egress: many(MOST_ITEMS + 1, {}) }],
  ['ports', { ingress: many(100, { ports: many(1000, {}) }) }],
  ['peers', { egress: [{ to: many(MOST_ITEMS, { podSelector: {} }) }] }],
  ['exceptions', { egress: many(50, { to: [{ ipBlock: { cidr: '::/0', except: many(2000, '::/1') } }] }) }],
  ['values', { podSelector: { matchExpressions: many(10, { key: 'a', operator: 'In', values: many(10_000, 'b') }) } }],
])('a policy of too many %s is refused before any is read', (_, spec) => {
  expect(() => read(spec)).toThrow(TOO_MANY);
});

test('as many items as may be are read', () => {
  expect(read({ egress: many(MOST_ITEMS, {}) }).egress).toHaveLength(MOST_ITEMS);
});

test('lists in lists are no way out, however deep', () => {
  let deep: unknown = many(MOST_ITEMS, {});
  for (let i = 0; i < 50_000; i += 1) deep = [deep];
  expect(() => read({ egress: deep })).toThrow(TOO_MANY);
});
