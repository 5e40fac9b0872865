import { expect, test, vi } from 'vitest';
import { createPolicyHandler } from '../../../../src/admission/handlers/policies.ts';
import type { HandlerContext } from '../../../../src/admission/review/handler.ts';
import type { LiveCluster } from '../../../../src/admission/review/live-cluster.ts';
import type { AdmissionResponse } from '../../../../src/admission/review/response.ts';
import { parseAdmissionReview } from '../../../../src/admission/review/review.ts';
import { NETWORK_POLICY } from '../../../../src/policy/dialects/network-policy/dialect.ts';
import { DELETERS } from '../../../../src/policy/model/deleters.ts';
import type { ClusterSnapshot } from '../../../../src/policy/model/snapshot.ts';
import { clock, finding, judging, recorder, review, snapshotOf, told, verdict } from '../setup.ts';

const OPEN = verdict(
  finding('dns-open-to-anywhere', 'deny'),
  finding('egress-open-to-anywhere', 'deny', { path: 'spec.egress[1]' }),
  finding('dns-partly-blocked', 'warn'),
);
const BLOCKED = verdict(finding('dns-blocked', 'deny'));
const fresh = snapshotOf({ shop: {} });

type Confirm = LiveCluster['confirm'];

/** Asks as somebody whose time is over in `milliseconds`, of a cluster whose live reads are the test's. */
function ask(
  confirm: Confirm,
  more: Partial<HandlerContext> = {},
  request: Readonly<Record<string, unknown>> = {},
  milliseconds = 4500,
) {
  const live = { confirm, onPoliciesChanged: () => new Promise<void>(() => {}) };
  const handle = told(createPolicyHandler(judging({ evaluate: () => OPEN, live, ...more }), NETWORK_POLICY));
  return handle(parseAdmissionReview(review(request)), clock.elapsed() + milliseconds);
}

const fails: Confirm = async () => {
  throw new Error('connection refused');
};
const hangs: Confirm = () => new Promise(() => {});
/** The API server answers when the time is over, as a tenant with large policies can bring about. */
const tooLate: Confirm = (_namespace, signal) =>
  new Promise((resolve) => signal.addEventListener('abort', () => setImmediate(resolve, fresh), { once: true }));

function expectLater(answer: AdmissionResponse): void {
  expect(answer).toMatchObject({
    allowed: false,
    status: {
      code: 429,
      reason: 'TooManyRequests',
      details: {
        retryAfterSeconds: 1,
        causes: [
          { reason: 'dns-open-to-anywhere', field: 'spec.egress[0]' },
          { reason: 'egress-open-to-anywhere', field: 'spec.egress[1]' },
        ],
      },
    },
    warnings: [expect.stringContaining('[dns-partly-blocked]')],
    auditAnnotations: { findings: expect.stringMatching(/^dns-open-to-anywhere deny spec\.egress\[0\]; egress-open/) },
  });
  expect(answer.status?.message).toMatch(
    /^netpol-guard would refuse this, but .*; try again in a second\nNetworkPolicy shop\/web opens port 53 to anywhere \[/,
  );
  expect(answer.status?.message).toMatch(
    / \[dns-open-to-anywhere\]\n[^]*\n {2}More: https:\/\/\S+\/dns-open-to-anywhere\.md\n/,
  );
  expect(answer.status?.message).toMatch(
    / \[egress-open-to-anywhere\]\n[^]*\n {2}More: https:\/\/\S+\/egress-open-to-anywhere\.md$/,
  );
}

test.each([
  ['fails at once', fails, 4500],
  ['hangs', hangs, 20],
  ['ends after the deadline', tooLate, 20],
  ['has no time at all', hangs, 0],
  ['should have ended before it began', tooLate, -50],
])('where the live read %s, the answer is to come again, with all findings', async (_, confirm, milliseconds) => {
  const { events, observer } = recorder();
  expectLater(await ask(confirm, { observer }, {}, milliseconds));
  expect(events).toEqual([
    'live read failed',
    'unconfirmed late',
    'found dns-open-to-anywhere deny',
    'found egress-open-to-anywhere deny',
    'found dns-partly-blocked warn',
  ]);
});

test.each(['CREATE', 'UPDATE', 'DELETE'])('so it is for %s', async (operation) => {
  expectLater(await ask(fails, {}, { operation }));
});

test('where the read fails, a missing carve-out is not waited for', async () => {
  const { events, observer } = recorder();
  expect(await ask(fails, { evaluate: () => BLOCKED, observer })).toMatchObject({ status: { code: 429 } });
  expect(events).toEqual(['live read failed', 'unconfirmed late', 'found dns-blocked deny']);
});

test('a denial that was confirmed stands where the read after the wait fails', async () => {
  const { events, observer } = recorder();
  const confirm = vi.fn<Confirm>(fails).mockResolvedValueOnce(fresh);
  expect(await ask(confirm, { evaluate: () => BLOCKED, observer }, {}, 520)).toMatchObject({ status: { code: 403 } });
  expect(confirm).toHaveBeenCalledTimes(2);
  expect(events).toEqual(['live read confirmed', 'grace wait expired', 'found dns-blocked deny']);
});

test('what is only warned of is admitted, whatever the API server does', async () => {
  const confirm = vi.fn<Confirm>(fails);
  const evaluate = () => verdict(finding('dns-open-to-anywhere', 'warn'));
  expect(await ask(confirm, { evaluate })).toMatchObject({ allowed: true });
  expect(confirm).not.toHaveBeenCalled();
});

test.each(DELETERS)('%s, who empties a namespace that goes, is not held up', async (username) => {
  const { events, observer } = recorder();
  const userInfo = { username, groups: [] };
  expect(await ask(fails, { observer }, { operation: 'DELETE', userInfo })).toMatchObject({
    allowed: true,
    warnings: expect.arrayContaining(['not certain: the API server could not be asked in time']),
  });
  expect(events).not.toContain('unconfirmed late');
  expect(await ask(fails, {}, { operation: 'CREATE', userInfo })).toMatchObject({ status: { code: 429 } });
});

/** Live reads that end when told to, with the namespaces that they are of. */
function heldReads() {
  const read: string[] = [];
  let release = () => {};
  const released = new Promise<ClusterSnapshot>((resolve) => {
    release = () => resolve(fresh);
  });
  const confirm: Confirm = (namespace) => {
    read.push(namespace);
    return released;
  };
  return { confirm, read, release: () => release() };
}

test('refusals in a thousand namespaces make thirty-two reads; the others are to come again at once', async () => {
  const { events, observer } = recorder();
  const { confirm, read, release } = heldReads();
  const live = { confirm, onPoliciesChanged: () => new Promise<void>(() => {}) };
  const handle = told(createPolicyHandler(judging({ evaluate: () => OPEN, live, observer }), NETWORK_POLICY));
  const asked = (namespace: string) => handle(parseAdmissionReview(review({ namespace })), clock.elapsed() + 4500);
  const answers = Array.from({ length: 1000 }, (_, i) => asked(`made-up-${i}`));

  const busy = await Promise.all(answers.slice(32));
  for (const answer of busy) expectLater(answer);
  expect(busy[0]?.status?.message).toContain('too many refusals wait');
  expect(new Set(read).size).toBe(32);
  expect(events.filter((event) => event === 'unconfirmed busy')).toHaveLength(968);

  // Who asks about a namespace that is being read is none more.
  const sharing = asked('made-up-0');
  release();
  expect(await sharing).toMatchObject({ status: { code: 403 } });
  for (const answer of await Promise.all(answers.slice(0, 32))) expect(answer.status?.code).toBe(403);
  expect(await asked('made-up-999')).toMatchObject({ status: { code: 403 } });
});
