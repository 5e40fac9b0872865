import { expect, it } from 'vitest';
import { evaluate } from '../../../../src/policy/evaluate.ts';
import { NamespacePolicies } from '../../../../src/policy/model/namespace-policies.ts';
import { offlineSnapshot } from '../../../../src/policy/offline-snapshot.ts';
import { BOTH_53, policy, SETTINGS, TO_DNS } from '../fixtures.ts';

const MOST = 9990;
const v4 = (i: number) => `${20 + (i >> 15)}.${(i >> 7) & 255}.${(i & 127) * 2}.0/24`;
const v6 = (i: number) => `2a00:${(i * 2).toString(16)}::/48`;
const open = (cidr: (i: number) => string, ports?: object) => ({
  podSelector: {},
  policyTypes: ['Egress'],
  egress: [{ to: Array.from({ length: MOST }, (_, i) => ({ ipBlock: { cidr: cidr(i) } })), ports }],
});

it.each([
  ['IPv4, every port', open(v4)],
  ['IPv4, DNS', open(v4, BOTH_53)],
  ['IPv6, every port', open(v6)],
  ['IPv6, DNS', open(v6, BOTH_53)],
  ['IPv6, HTTPS', open(v6, [{ port: 443 }])],
  ['IPv6, HTTPS and a port by name', open(v6, [{ port: 443 }, { port: 'https' }])],
])('as many blocks as a policy may have, far below the threshold, are let in: %s', (_, spec) => {
  const stored = new NamespacePolicies();
  const carveOut = { podSelector: {}, policyTypes: ['Egress'], egress: [{ to: TO_DNS, ports: BOTH_53 }] };
  stored.set('allow-dns', policy('allow-dns', carveOut));
  const facts = { namespaces: [], policies: [], otherPolicies: [] };
  const snapshot = { ...offlineSnapshot(facts, SETTINGS), policies: () => stored };
  const change = { operation: 'CREATE', namespace: 'shop', after: policy('feed', spec) } as const;
  const { findings } = evaluate(change, snapshot, SETTINGS, 0);
  expect(findings.filter(({ effect }) => effect === 'deny')).toEqual([]);
});
