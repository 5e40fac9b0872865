import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Held } from '../../../../src/admission/handlers/held.ts';
import { createPolicyHandler } from '../../../../src/admission/handlers/policies.ts';
import { Overloaded } from '../../../../src/admission/review/bad-request.ts';
import { parseAdmissionReview } from '../../../../src/admission/review/review.ts';
import { NETWORK_POLICY } from '../../../../src/policy/dialects/network-policy/dialect.ts';
import type { Change } from '../../../../src/policy/model/change.ts';
import type { ClusterSnapshot } from '../../../../src/policy/model/snapshot.ts';
import { weightOf } from '../../../../src/policy/model/weight.ts';
import { policy as compiled } from '../../policy/fixtures.ts';
import { clock, finding, judging, policy, review, snapshotOf, verdict } from '../setup.ts';

const ports = (count: number) => ({ ports: Array.from({ length: count }, (_, i) => ({ port: i + 1 })) });
const large = compiled('large', { podSelector: {}, egress: [ports(9000)] });
const small = compiled('small', { podSelector: {}, egress: [ports(10)] });
const creation = (after: typeof large): Change => ({ operation: 'CREATE', namespace: 'shop', after });
const FITTING = Math.floor((64 * 1024 * 1024) / (weightOf(large) - 64 * 1024));

/** waiting begins work that goes on until it is let go. */
function waiting(held: Held, change: Change) {
  let letGo: () => void = () => undefined;
  const done = held.during(change, () => new Promise<void>((resolve) => (letGo = resolve)));
  return { done, letGo: () => letGo() };
}

test('as many large policies wait as fit; the next is told to come again, until one is done', async () => {
  const held = new Held();
  const all = Array.from({ length: FITTING }, () => waiting(held, creation(large)));
  await expect(held.during(creation(large), async () => 'late')).rejects.toThrow(Overloaded);
  all[0]?.letGo();
  await all[0]?.done;
  await expect(held.during(creation(large), async () => 'now')).resolves.toBe('now');
  for (const { letGo } of all) letGo();
});

test('ordinary policies wait whatever else does', async () => {
  const held = new Held();
  const all = Array.from({ length: FITTING }, () => waiting(held, creation(large)));
  await expect(held.during(creation(small), async () => 'now')).resolves.toBe('now');
  for (const { letGo } of all) letGo();
});

test('the old object counts as well', async () => {
  const held = new Held();
  const update: Change = { operation: 'UPDATE', namespace: 'shop', before: large, after: large };
  const all = Array.from({ length: Math.floor(FITTING / 2) }, () => waiting(held, update));
  await expect(held.during(update, async () => 'late')).rejects.toThrow('waiting to be checked again; try again');
  for (const { letGo } of all) letGo();
});

test('what fails is let go too', async () => {
  const held = new Held();
  for (let i = 0; i < 2 * FITTING; i += 1) {
    await expect(held.during(creation(large), () => Promise.reject(new Error('x')))).rejects.toThrow('x');
  }
});

test('a request that waits holds none of the objects that were sent', async () => {
  let confirm: (snapshot: ClusterSnapshot) => void = () => undefined;
  const live = {
    confirm: () => new Promise<ClusterSnapshot>((resolve) => (confirm = resolve)),
    onPoliciesChanged: async () => {},
  };
  const handle = createPolicyHandler(
    judging({ evaluate: () => verdict(finding('dns-open-to-anywhere', 'deny')), live }),
    NETWORK_POLICY,
  );
  const request = parseAdmissionReview(review({ operation: 'UPDATE', object: policy({}), oldObject: policy({}) }));
  const answer = handle(request, clock.elapsed() + 4000);
  await turn();
  expect(request.object).toBeUndefined();
  expect(request.oldObject).toBeUndefined();
  confirm(snapshotOf({ shop: {} }));
  expect((await answer).response.allowed).toBe(false);
});
