import fc from 'fast-check';
import { expect, test } from 'vitest';
import { withShortIngress } from '../../../../src/policy/dns/short-ingress.ts';
import { mentionsDns } from '../../../../src/policy/dns/vocabulary.ts';
import type { Policy } from '../../../../src/policy/model/policy.ts';
import { weightOf } from '../../../../src/policy/model/weight.ts';
import { policy } from '../fixtures.ts';

const port = fc.record({
  protocol: fc.constantFrom('TCP', 'UDP'),
  port: fc.constantFrom<number | string>(53, 5353, 443, 80, 'dns', 'web'),
});
const peer = fc.constantFrom('a', 'b', 'c').map((app) => ({ podSelector: { matchLabels: { app } } }));
const rule = fc.record(
  { from: fc.array(peer, { maxLength: 3 }), ports: fc.array(port, { maxLength: 3 }) },
  { requiredKeys: [] },
);
const VOCABULARY = { numbers: new Set([53, 5353]), names: new Set(['dns']) };

function nearMissIn({ ingress }: Policy): string | undefined {
  return ingress.find((each) => each.peers !== 'any' && mentionsDns(each, VOCABULARY))?.path;
}

test('where DNS was allowed in the wrong direction, the short ingress says so at the same place', () => {
  fc.assert(
    fc.property(fc.array(rule, { maxLength: 8 }), (ingress) => {
      const whole = policy('web', { podSelector: {}, policyTypes: ['Ingress'], ingress });
      const short = withShortIngress(whole);
      expect(nearMissIn(short)).toBe(nearMissIn(whole));
      expect({ ...short, ingress: [], isIngressShort: true }).toEqual({ ...whole, ingress: [], isIngressShort: true });
      expect(withShortIngress(short)).toBe(short);
      expect(weightOf(short)).toBeLessThanOrEqual(weightOf(whole));
    }),
  );
});

test('only what was left out makes it short', () => {
  const dns = { from: [{ podSelector: {} }], ports: [{ port: 53 }] };
  const whole = policy('web', { podSelector: {}, ingress: [dns] });
  expect(withShortIngress(whole)).toBe(whole);
  expect(withShortIngress(policy('web', { podSelector: {}, ingress: [dns, {}] })).isIngressShort).toBe(true);
});

test('it is small, however large the ingress', () => {
  const from = Array.from({ length: 2000 }, (_, i) => ({ podSelector: { matchLabels: { app: `${i}` } } }));
  const ports = Array.from({ length: 2000 }, (_, i) => ({ port: i + 1 }));
  const ingress = [{ from, ports }, ...ports.map((one) => ({ from: from.slice(0, 2), ports: [one] }))];
  expect(weightOf(withShortIngress(policy('web', { podSelector: {}, ingress })))).toBeLessThan(30_000);
});
