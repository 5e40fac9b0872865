import { expect, test } from 'vitest';
import { createPolicyHandler } from '../../../src/admission/handlers/policies.ts';
import { parseAdmissionReview } from '../../../src/admission/review/review.ts';
import { NETWORK_POLICY } from '../../../src/policy/dialects/network-policy/dialect.ts';
import { readNetworkPolicy } from '../../../src/policy/dialects/network-policy/network-policy.ts';
import { evaluate } from '../../../src/policy/evaluate.ts';
import { offlineSnapshot } from '../../../src/policy/offline-snapshot.ts';
import { ALLOW_DNS_SPEC, BOTH_53 } from '../policy/fixtures.ts';
import { clock, judging, policy, review, settings, told } from './setup.ts';

/** The handler with the real engine, over a world of the given policies in `shop`. */
function ask(request: object, { terminating = false, stored = [] as readonly object[] } = {}) {
  const world = {
    namespaces: [{ name: 'shop', labels: new Map<string, string>(), terminating }],
    policies: stored.map((object) => readNetworkPolicy(object, 'shop')),
    otherPolicies: [],
  };
  const snapshot = offlineSnapshot(world, settings);
  const handle = told(createPolicyHandler(judging({ evaluate, gatherSnapshot: () => snapshot }), NETWORK_POLICY));
  return handle(parseAdmissionReview(review({ ...request })), clock.elapsed() + 4500);
}

const deny = { podSelector: {}, policyTypes: ['Egress'] };
const open = { podSelector: {}, policyTypes: ['Egress'], egress: [{ ports: BOTH_53 }] };

test('port 53 to anywhere is refused', async () => {
  const answer = await ask({ object: policy(open) });
  expect(answer).toMatchObject({ allowed: false, status: { code: 403, reason: 'Forbidden' } });
  expect(answer.status?.message).toMatch(
    /^\nNetworkPolicy shop\/web opens port 53 to anywhere \[dns-open-to-anywhere\]\n {2}spec\.egress\[0\] opens UDP 53 and TCP 53 to any address, /,
  );
  expect(answer.status?.details?.causes).toMatchObject([{ reason: 'dns-open-to-anywhere' }]);
});

test('default-deny is refused without a carve-out, and admitted with one', async () => {
  expect(await ask({ object: policy(deny) })).toMatchObject({
    allowed: false,
    status: { details: { causes: [{ reason: 'dns-blocked' }] } },
  });
  const stored = [policy(ALLOW_DNS_SPEC, { name: 'allow-dns' })];
  expect(await ask({ object: policy(deny) }, { stored })).toEqual({ allowed: true });
});

test('deleting the carve-out warns; narrowing it is refused', async () => {
  const carveOut = policy(ALLOW_DNS_SPEC, { name: 'allow-dns' });
  const stored = [carveOut, policy(deny)];
  expect(await ask({ operation: 'DELETE', name: 'allow-dns', oldObject: carveOut }, { stored })).toMatchObject({
    allowed: true,
    warnings: [expect.stringMatching(/\[dns-blocked\]$/)],
  });
  const narrowed = policy({ ...ALLOW_DNS_SPEC, podSelector: { matchLabels: { app: 'web' } } }, { name: 'allow-dns' });
  const request = { operation: 'UPDATE', name: 'allow-dns', object: narrowed, oldObject: carveOut };
  const unguarded = policy({ ...ALLOW_DNS_SPEC, egress: [] }, { name: 'allow-dns' });
  expect(await ask({ ...request, object: unguarded }, { stored })).toMatchObject({ allowed: false });
  expect(await ask(request, { stored })).toMatchObject({ allowed: true });
});

test.each(['UPDATE', 'DELETE'])('%s in a namespace that goes is allowed at once', async (operation) => {
  const request = { operation, object: operation === 'UPDATE' ? policy(deny) : null, oldObject: policy(deny) };
  expect(await ask(request, { terminating: true })).toEqual({ allowed: true });
  expect(await ask({ operation: 'CREATE', object: policy(open) }, { terminating: true })).toMatchObject({
    allowed: false,
  });
});

test.each(['UPDATE', 'DELETE'])('%s of an object that goes is allowed at once', async (operation) => {
  const going = policy(deny, { deletionTimestamp: '2026-01-01T00:00:00Z' });
  const request = { operation, object: operation === 'UPDATE' ? policy(deny) : null, oldObject: going };
  expect(await ask(request)).toEqual({ allowed: true });
});

test('what goes gets no other spec, in a namespace that goes neither', async () => {
  const going = policy(deny, { deletionTimestamp: '2026-01-01T00:00:00Z' });
  const change = { operation: 'UPDATE', object: policy(open), oldObject: going };
  expect(await ask(change)).toMatchObject({ allowed: false });
  expect(await ask({ ...change, oldObject: policy(deny) }, { terminating: true })).toMatchObject({ allowed: false });
});

test('an object without a name is judged as a new one', async () => {
  const unnamed = policy(deny, { name: undefined, generateName: 'deny-' });
  const stored = [policy(ALLOW_DNS_SPEC, { name: 'allow-dns' })];
  expect(await ask({ name: undefined, object: unnamed })).toMatchObject({ allowed: false });
  expect(await ask({ name: undefined, object: unnamed }, { stored })).toEqual({ allowed: true });
});
