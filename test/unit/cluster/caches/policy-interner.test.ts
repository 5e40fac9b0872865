import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PolicyInterner } from '../../../../src/cluster/caches/policy-interner.ts';
import { readNetworkPolicy } from '../../../../src/policy/dialects/network-policy/network-policy.ts';

const labels = fc.dictionary(fc.constantFrom('app', 'tier'), fc.constantFrom('a', 'b'), { maxKeys: 2 });
const selector = labels.map((matchLabels) => ({ matchLabels }));
const peer = fc.oneof(
  selector.map((podSelector) => ({ podSelector })),
  selector.map((namespaceSelector) => ({ namespaceSelector })),
  fc.constantFrom('10.0.0.0/8', '0.0.0.0/0').map((cidr) => ({ ipBlock: { cidr } })),
);
const port = fc.record(
  { protocol: fc.constantFrom('TCP', 'UDP'), port: fc.constantFrom<number | string>(53, 443, 'dns') },
  { requiredKeys: [] },
);
const rulesOf = (peersField: 'from' | 'to') =>
  fc.array(
    fc.record(
      { [peersField]: fc.array(peer, { maxLength: 2 }), ports: fc.array(port, { maxLength: 2 }) },
      { requiredKeys: [] },
    ),
    { maxLength: 2 },
  );
const spec = fc.record(
  {
    podSelector: selector,
    policyTypes: fc.subarray(['Ingress', 'Egress']),
    ingress: rulesOf('from'),
    egress: rulesOf('to'),
  },
  { requiredKeys: [] },
);

test('policies that share parts are what they were', () => {
  const interner = new PolicyInterner();
  fc.assert(
    fc.property(spec, fc.constantFrom('shop', 'bank'), (drawn, namespace) => {
      const json = { metadata: { name: 'p', namespace }, spec: drawn };
      const policy = readNetworkPolicy(json, namespace);
      expect(interner.intern(policy)).toEqual(policy);
    }),
    { numRuns: 1000 },
  );
});

test('equal parts are the same object', () => {
  const interner = new PolicyInterner();
  const json = { metadata: { name: 'p' }, spec: { podSelector: { matchLabels: { app: 'a' } }, egress: [{}] } };
  const [a, b] = ['shop', 'bank'].map((namespace) => interner.intern(readNetworkPolicy(json, namespace)));
  expect(a?.subject).toBe(b?.subject);
  expect(a?.egress).toBe(b?.egress);
  expect(a?.ref.namespace).not.toBe(b?.ref.namespace);
});
