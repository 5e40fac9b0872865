import { expect, test } from 'vitest';
import { readNetworkPolicy } from '../../../../src/policy/dialects/network-policy/network-policy.ts';
import { MOST_ITEMS, MOST_LISTED, TooManyItems } from '../../../../src/policy/model/size.ts';

const many = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
const read = (spec: object) => readNetworkPolicy({ metadata: { name: 'p' }, spec }, 'shop');
const pod = (i: number) => ({ podSelector: { matchLabels: { app: `${i}` } } });
const address = (i: number) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}/32`;
const port = (i: number) => ({ port: i + 1 });
const notIn = (values: string[]) => ({ podSelector: { matchExpressions: [{ key: 'a', operator: 'NotIn', values }] } });

const WHAT_TO_DO = '10,000 is the limit: write larger blocks and ranges of ports, or split the policy';
const OVER = MOST_ITEMS + 1;

test.each<[string, object, number]>([
  ['rules', { egress: many(OVER, (i) => ({ ports: [port(i)] })) }, 2 * OVER],
  ['ports', { ingress: [{ ports: many(OVER, port) }] }, OVER + 1],
  ['ports', { ingress: many(4, (i) => ({ ports: many(2501, (j) => port(4 * j + i)) })) }, 4 * 2501 + 4],
  ['peers', { egress: [{ to: many(OVER, (i) => ({ ipBlock: { cidr: address(i) } })) }] }, OVER + 1],
  ['exceptions', { egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/8', except: many(OVER, address) } }] }] }, OVER + 2],
  ['selector terms', notIn(many(OVER, String)), OVER + 1],
  ['selector terms', { egress: [{ to: many(OVER, pod) }] }, 2 * OVER + 1],
])('a policy of too many different %s is refused with the limit and the count', (sort, spec, listed) => {
  expect(() => read(spec)).toThrow(
    `spec: has more than 10,000 different ${sort}, of ${listed.toLocaleString('en')} items in all; ${WHAT_TO_DO}`,
  );
});

test('of all sorts together twice as many are read', () => {
  const rules = (count: number) => many(count, (i) => ({ to: [pod(i)], ports: [port(i)] }));
  expect(read({ egress: rules(5000) }).egress).toHaveLength(5000);
  expect(() => read({ egress: rules(5001) })).toThrow(
    'spec: has more than 20,000 different items, of 20,004 items in all',
  );
});

test.each<[string, (count: number) => object]>([
  [
    'blocks',
    (count) => ({ egress: [{ to: many(count, (i) => ({ ipBlock: { cidr: address(i) } })), ports: [port(0)] }] }),
  ],
  ['ports', (count) => ({ egress: [{ ports: many(count, port) }] })],
  ['values', (count) => notIn(many(count - 1, String))],
])('as many %s as may be are read', (_, spec) => {
  expect(() => read(spec(MOST_ITEMS))).not.toThrow();
  expect(() => read(spec(OVER))).toThrow(TooManyItems);
});

test.each<[string, object]>([
  ['rules', { egress: many(99_000, () => ({})) }],
  ['rules of many peers', { egress: many(20, () => ({ to: many(6000, (i) => ({ ipBlock: { cidr: address(i) } })) })) }],
  ['ports', { ingress: [{ ports: many(99_000, () => ({})) }] }],
  ['peers', { egress: [{ to: many(49_000, () => ({ podSelector: {} })) }] }],
  ['exceptions', { egress: [{ to: [{ ipBlock: { cidr: '::/0', except: many(99_000, () => '::/1') } }] }] }],
  ['values', notIn(many(70_000, () => 'b'))],
])('equal %s are counted once, however many', (_, spec) => {
  expect(() => read(spec)).not.toThrow();
});

test('equal items too have an end', () => {
  const tooMany = 'spec: has lists of more than 524,288 items together';
  expect(() => read({ egress: many(MOST_LISTED, () => ({})) })).not.toThrow();
  expect(() => read({ egress: many(MOST_LISTED + 1, () => ({})) })).toThrow(tooMany);
  expect(() => read({ egress: many(600, () => ({ ports: many(1000, () => ({})) })) })).toThrow(tooMany);
});

test('lists in lists are no way out, however deep', () => {
  let deep: unknown = many(MOST_LISTED, () => ({}));
  for (let i = 0; i < 50_000; i += 1) deep = [deep];
  expect(() => read({ egress: deep })).toThrow(TooManyItems);
});
