import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readNetworkPolicy } from '../../../../src/policy/dialects/network-policy/network-policy.ts';
import type { Policy } from '../../../../src/policy/model/policy.ts';
import { weightOf } from '../../../../src/policy/model/weight.ts';

const read = (spec: object): Policy => readNetworkPolicy({ metadata: { name: 'p' }, spec }, 'shop');

const labels = fc.dictionary(fc.constantFrom('app', 'tier', 'zone'), fc.string({ maxLength: 5 }), { maxKeys: 2 });
const selector = labels.map((matchLabels) => ({ matchLabels }));
const peer = fc.oneof(
  selector.map((podSelector) => ({ podSelector })),
  selector.map((namespaceSelector) => ({ namespaceSelector })),
  fc.constantFrom('10.0.0.0/8', '8.8.8.8/32', '::/0').map((cidr) => ({ ipBlock: { cidr } })),
);
const port = fc.record({ port: fc.oneof(fc.integer({ min: 1, max: 65535 }), fc.constantFrom('dns', 'web')) });
const peers = fc.array(peer, { minLength: 1, maxLength: 3 });
const ports = fc.array(port, { maxLength: 3 });
const ruleIn = fc.record({ from: peers, ports });
const ruleOut = fc.record({ to: peers, ports });
const spec = fc.record({
  podSelector: selector,
  policyTypes: fc.subarray(['Ingress', 'Egress'], { minLength: 1 }),
  ingress: fc.array(ruleIn, { maxLength: 3 }),
  egress: fc.array(ruleOut, { maxLength: 3 }),
});

test('whoever says more weighs no less', () => {
  fc.assert(
    fc.property(spec, ruleOut, peer, port, (drawn, more, morePeer, morePort) => {
      const base = weightOf(read(drawn));
      expect(weightOf(read({ ...drawn, egress: [...drawn.egress, more] }))).toBeGreaterThanOrEqual(base);
      expect(weightOf(read({ ...drawn, ingress: [...drawn.ingress, { from: [morePeer] }] }))).toBeGreaterThanOrEqual(
        base,
      );
      const matchLabels = { ...drawn.podSelector.matchLabels, extra: 'label' };
      expect(weightOf(read({ ...drawn, podSelector: { matchLabels } }))).toBeGreaterThan(base);
      // Of one rule alone: another port can make it equal to a rule beside it, and both are one then.
      const withPorts = (ports: readonly object[]) => weightOf(read({ ...drawn, egress: [{ ...more, ports }] }));
      expect(withPorts([...more.ports, morePort])).toBeGreaterThanOrEqual(withPorts(more.ports));
    }),
    { numRuns: 300 },
  );
});

test('what is said twice weighs nothing', () => {
  const one = { podSelector: {}, policyTypes: ['Egress'], egress: [{ ports: [{ port: 53 }] }] };
  const many = { ...one, egress: Array.from({ length: 5000 }, () => ({ ports: [{ port: 53 }, { port: 53 }] })) };
  expect(weightOf(read(many))).toBe(weightOf(read(one)));
});

test.each<[string, object, number]>([
  ['ports', { ports: Array.from({ length: 9000 }, (_, i) => ({ port: i + 1 })) }, 400],
  [
    'blocks',
    { to: Array.from({ length: 9000 }, (_, i) => ({ ipBlock: { cidr: `10.${i >> 8}.${i & 255}.0/24` } })) },
    400,
  ],
  ['selectors', { to: Array.from({ length: 9000 }, (_, i) => ({ podSelector: { matchLabels: { a: `${i}` } } })) }, 700],
])('ten thousand %s weigh as much as they were measured to take', (_, egress, bytes) => {
  const weight = weightOf(read({ podSelector: {}, policyTypes: ['Egress'], egress: [egress] }));
  expect(weight).toBeGreaterThan(9000 * bytes);
  expect(weight).toBeLessThan(2 * 9000 * bytes);
});
