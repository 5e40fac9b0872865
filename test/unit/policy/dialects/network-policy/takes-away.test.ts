import fc from 'fast-check';
import { expect, test } from 'vitest';
import { onlyTakesAway } from '../../../../../src/policy/dialects/network-policy/takes-away.ts';

const dns = { protocol: 'UDP', port: 53 };
const web = { protocol: 'TCP', port: 443 };
const shop = { podSelector: { matchLabels: { app: 'shop' } } };
const bank = { podSelector: { matchLabels: { app: 'bank' } } };
const spec = (egress: readonly unknown[], more: object = {}) => ({
  podSelector: {},
  policyTypes: ['Egress'],
  egress,
  ...more,
});
const STORED = spec([{ to: [shop, bank], ports: [dns, web] }, { ports: [dns] }, {}]);

test.each<[string, object]>([
  ['nothing', STORED],
  ['a rule', spec([{ to: [shop, bank], ports: [dns, web] }, {}])],
  ['every rule', spec([])],
  ['the list of rules', { podSelector: {}, policyTypes: ['Egress'] }],
  ['a peer', spec([{ to: [bank], ports: [dns, web] }, { ports: [dns] }, {}])],
  ['a peer, a port and a rule', spec([{ to: [bank], ports: [dns] }, {}])],
])('%s taken away is less', (_, after) => {
  expect(onlyTakesAway(STORED, after)).toBe(true);
});

test.each<[string, unknown]>([
  ['another subject', spec(STORED.egress, { podSelector: { matchLabels: { app: 'a' } } })],
  ['other types', spec(STORED.egress, { policyTypes: ['Ingress', 'Egress'] })],
  ['no types', { podSelector: {}, egress: STORED.egress }],
  ['one rule more', spec([...STORED.egress, { ports: [web] }])],
  ['rules in another order', spec([...STORED.egress].reverse())],
  ['another peer', spec([{ to: [shop, { podSelector: {} }], ports: [dns, web] }])],
  ['no peer where there were some', spec([{ to: [], ports: [dns, web] }])],
  ['no list of ports where there was one', spec([{ to: [shop, bank] }])],
  ['rules on the way in', spec(STORED.egress, { ingress: [{}] })],
  ['no object', undefined],
  ['a list', []],
])('%s is not less', (_, after) => {
  expect(onlyTakesAway(STORED, after)).toBe(false);
});

test('an exception taken away is not less: the block becomes larger', () => {
  const block = (except: string[]) => spec([{ to: [{ ipBlock: { cidr: '10.0.0.0/8', except } }] }]);
  expect(onlyTakesAway(block(['10.1.0.0/16', '10.2.0.0/16']), block(['10.1.0.0/16']))).toBe(false);
});

const item = fc.constantFrom(shop, bank, { podSelector: {} });
const port = fc.constantFrom(dns, web, {});
const rule = fc.record({
  from: fc.array(item, { minLength: 1, maxLength: 4 }),
  ports: fc.array(port, { minLength: 1, maxLength: 4 }),
});

test('whatever parts of whatever rules are left, it is less', () => {
  const parts = fc.array(rule, { maxLength: 5 }).chain((ingress) =>
    fc.tuple(
      fc.constant(ingress),
      fc
        .tuple(
          ...ingress.map(({ from, ports }) =>
            fc.record({ from: fc.subarray(from, { minLength: 1 }), ports: fc.subarray(ports, { minLength: 1 }) }),
          ),
        )
        .chain((left) => fc.subarray(left)),
    ),
  );
  fc.assert(
    fc.property(parts, ([ingress, left]) => {
      expect(onlyTakesAway({ podSelector: {}, ingress }, { podSelector: {}, ingress: left })).toBe(true);
    }),
  );
});
