import { setImmediate as nextLoop } from 'node:timers/promises';
import { afterEach, expect, test, vi } from 'vitest';
import { createPolicyHandler } from '../../../../src/admission/handlers/policies.ts';
import type { HandlerContext } from '../../../../src/admission/review/handler.ts';
import type { LiveCluster } from '../../../../src/admission/review/live-cluster.ts';
import { parseAdmissionReview } from '../../../../src/admission/review/review.ts';
import { NETWORK_POLICY } from '../../../../src/policy/dialects/network-policy/dialect.ts';
import { evaluate } from '../../../../src/policy/evaluate.ts';
import type { Change } from '../../../../src/policy/model/change.ts';
import type { Settings } from '../../../../src/policy/model/settings.ts';
import type { ClusterSnapshot } from '../../../../src/policy/model/snapshot.ts';
import type { Time } from '../../../../src/runtime/clock.ts';
import { clock, finding, judging, policy, recorder, review, settings, snapshotOf, told, verdict } from '../setup.ts';

const BLOCKED = verdict(finding('dns-blocked', 'deny'));
const OPEN = verdict(finding('dns-open-to-anywhere', 'deny'));

afterEach(() => {
  vi.restoreAllMocks();
});

function ask(more: Partial<HandlerContext>, request: object = {}, milliseconds = 4500) {
  const handle = told(createPolicyHandler(judging(more), NETWORK_POLICY));
  return handle(parseAdmissionReview(review({ ...request })), (more.clock ?? clock).elapsed() + milliseconds);
}

/** A clock that stands still: every limit is then what it was computed to be. */
const stopped: Time = { now: () => 0, elapsed: () => 0 };

/** A cluster whose live reads and changes are the test's. */
function cluster(answers: readonly (ClusterSnapshot | Error)[], changes: readonly Promise<void>[] = []) {
  const never = new Promise<void>(() => {});
  const confirm = vi.fn<LiveCluster['confirm']>(async (): Promise<ClusterSnapshot> => {
    const answer = answers[Math.min(confirm.mock.calls.length, answers.length) - 1];
    if (answer === undefined || answer instanceof Error) throw answer ?? new Error('no answer');
    return answer;
  });
  const onPoliciesChanged = vi.fn<LiveCluster['onPoliciesChanged']>(
    async (): Promise<void> => changes[onPoliciesChanged.mock.calls.length - 1] ?? never,
  );
  return { confirm, onPoliciesChanged };
}

const stale = snapshotOf({ shop: {} });
const fresh = snapshotOf({ shop: {} });

test('an object that cannot be read is refused as Invalid, with the path', async () => {
  const answer = await ask({}, { object: policy({ egress: [{ ports: [{ port: 0 }] }] }) });
  expect(answer).toEqual({
    allowed: false,
    status: {
      status: 'Failure',
      code: 422,
      reason: 'Invalid',
      message: 'the policy cannot be read: spec.egress[0].ports[0].port: 0 is not a port number from 1 to 65535',
      details: {
        causes: [
          {
            reason: 'FieldValueInvalid',
            message: 'spec.egress[0].ports[0].port: 0 is not a port number from 1 to 65535',
            field: 'spec.egress[0].ports[0].port',
          },
        ],
      },
    },
  });
});

test('a stored object that cannot be read is not in the way of its deletion', async () => {
  const answer = await ask({ evaluate: () => BLOCKED }, { operation: 'DELETE', oldObject: policy({ egress: 'x' }) });
  expect(answer).toEqual({
    allowed: true,
    warnings: [
      'the stored policy was not judged, spec.egress: "x" is a string where a list is expected; put each item after a dash',
    ],
  });
});

const ports = (count: number) => Array.from({ length: count }, (_, i) => ({ port: i + 1 }));
const tooLarge = (count: number, metadata?: object) => policy({ egress: [{ ports: ports(count) }] }, metadata);
const LARGE = 20_000;

test.each<[string, object]>([
  ['created', { object: tooLarge(LARGE) }],
  ['an update of a small one', { operation: 'UPDATE', object: tooLarge(LARGE), oldObject: tooLarge(1) }],
  ['an update that adds', { operation: 'UPDATE', object: tooLarge(LARGE + 1), oldObject: tooLarge(LARGE) }],
])('a policy of too many items is refused, with the limit and what to do: %s', async (_, request) => {
  const answer = await ask({ evaluate }, request);
  expect(answer.status?.code).toBe(403);
  expect(answer.status?.message).toContain('more than 10,000 different ports, of 20,00');
  expect(answer.status?.message).toMatch(
    /10,000 is\s+the limit\.\n {2}Write larger blocks and ranges of ports, or split the policy\.\n/,
  );
  expect(answer.status?.details?.causes.map(({ reason }) => reason)).toEqual(['policy-too-complicated']);
});

test.each<[string, Partial<Settings>]>([
  ['nothing is enforced', { modes: { enforce: 'off', warn: 'strict', audit: 'strict' } }],
  ['the user is exempt', { exemptions: { ...settings.exemptions, users: ['dev'] } }],
  ['the rule is off', { rules: new Map([['policy-too-complicated', 'off']]) }],
])('a policy of too many items is let through where %s', async (_, more) => {
  const answer = await ask({ evaluate, settings: () => ({ ...settings, ...more }) }, { object: tooLarge(LARGE) });
  expect(answer.allowed).toBe(true);
});

test('what is taken away does not make a policy that can be read one that cannot', async () => {
  const blocks = Array.from({ length: 101 }, (_, i) => ({ ipBlock: { cidr: `10.0.0.${i}/32` } }));
  const half = { ipBlock: { cidr: '64.0.0.0/9' } };
  const dns = [{ protocol: 'UDP', port: 53 }];
  const rulesWithout = (left: (rule: number) => number | undefined) =>
    blocks.map((_, rule) => ({ to: [half, ...blocks.filter((_, i) => i !== left(rule))], ports: dns }));
  const request = {
    operation: 'UPDATE',
    oldObject: policy({ podSelector: {}, policyTypes: ['Egress'], egress: rulesWithout(() => undefined) }),
    object: policy({ podSelector: {}, policyTypes: ['Egress'], egress: rulesWithout((rule) => rule) }),
  };
  const answer = await ask({ evaluate }, request);
  expect(answer.status?.details?.causes.map(({ reason }) => reason)).toEqual(['policy-too-complicated']);
});

test('a policy that is being deleted is not made one of too many items', async () => {
  const oldObject = policy({ egress: [{ ports: ports(1) }] }, { deletionTimestamp: '2026-11-30T00:00:00Z' });
  const answer = await ask({ evaluate }, { operation: 'UPDATE', oldObject, object: tooLarge(LARGE) });
  expect(answer.status?.details?.causes.map(({ reason }) => reason)).toContain('policy-being-deleted');
});

const leaving = { deletionTimestamp: '2026-11-30T00:00:00Z' };
const heavy = () => {
  const except = Array.from({ length: 9900 }, (_, i) => `fd00:${(2 * i).toString(16)}::/32`);
  const rules = Array.from({ length: 6 }, (_, i) => ({
    to: [{ ipBlock: { cidr: 'fd00::/16', except } }],
    ports: [{ port: 443 + i }],
  }));
  return { podSelector: {}, policyTypes: ['Egress'], egress: rules };
};

test('a finalizer comes off whatever it takes to compare the specs', async () => {
  const request = {
    operation: 'UPDATE',
    oldObject: policy(heavy(), { ...leaving, finalizers: ['a/b'] }),
    object: policy(heavy(), leaving),
  };
  expect(await ask({ evaluate }, request)).toEqual({ allowed: true });
});

test('an update that leaves the spec as it is is never refused for a bound', async () => {
  const blocks = Array.from({ length: 4900 }, (_, i) => `2600:${(2 * i).toString(16)}::/32`);
  const part = (i: number) => ({ to: [{ ipBlock: { cidr: blocks[i] } }], ports: [{ port: 1000 + i }] });
  const spec = () => ({
    podSelector: {},
    policyTypes: ['Egress'],
    egress: [{ to: blocks.map((cidr) => ({ ipBlock: { cidr } })) }, ...Array.from({ length: 300 }, (_, i) => part(i))],
  });
  const answer = await ask({ evaluate }, { operation: 'UPDATE', oldObject: policy(spec()), object: policy(spec()) });
  expect(answer.allowed).toBe(true);
  const less = spec();
  less.egress.splice(100, 1);
  const fewer = await ask({ evaluate }, { operation: 'UPDATE', oldObject: policy(spec()), object: policy(less) });
  expect(fewer.allowed).toBe(true);
});

test.each<[string, object]>([
  ['nothing', tooLarge(LARGE, { finalizers: [] })],
  ['some of it', tooLarge(LARGE - 1)],
])('who takes %s away from a stored policy of too many items is let through, and told', async (_, object) => {
  const oldObject = tooLarge(LARGE);
  const answer = await ask({ evaluate: () => BLOCKED }, { operation: 'UPDATE', object, oldObject });
  expect(answer.allowed).toBe(true);
  expect(answer.warnings?.[0]).toContain(
    'the change only removes parts of the policy, which was not judged, spec: has',
  );
});

test('a stored policy of too many items that becomes small is judged as if it were all new', async () => {
  const evaluate = vi.fn<HandlerContext['evaluate']>(() => OPEN);
  const answer = await ask({ evaluate }, { operation: 'UPDATE', object: tooLarge(5), oldObject: tooLarge(LARGE) });
  expect(answer.allowed).toBe(false);
  expect(evaluate.mock.calls[0]?.[0].before).toBeUndefined();
});

test('a policy for which its namespace has no room is refused, and the refusal is confirmed', async () => {
  const room = (demanded: number) => () => ({ limit: 1000, demanded, isWhole: true, weigh: () => 600 });
  const full = { ...stale, room: room(800) };
  const live = cluster([{ ...fresh, room: room(800) }]);
  const answer = await ask({ evaluate, gatherSnapshot: () => full, live });
  expect(answer.status?.code).toBe(403);
  expect(answer.status?.details?.causes[0]).toMatchObject({ reason: 'policy-too-complicated', field: 'spec' });
  expect(live.confirm).toHaveBeenCalledTimes(1);
  const emptied = cluster([{ ...fresh, room: room(0) }]);
  const later = await ask({ evaluate, gatherSnapshot: () => full, live: emptied });
  expect(later.allowed).toBe(true);
});

test('an update of a stored object that cannot be read is judged as if it were all new', async () => {
  const seen: Change[] = [];
  const evaluate: HandlerContext['evaluate'] = (change) => {
    seen.push(change);
    return verdict();
  };
  await ask({ evaluate }, { operation: 'UPDATE', oldObject: policy({ egress: 'x' }) });
  expect(seen).toMatchObject([{ operation: 'UPDATE', namespace: 'shop', after: { ref: { name: 'web' } } }]);
  expect(seen[0]?.before).toBeUndefined();
});

test('the verdict is asked for with the change, the user, the settings and the time', async () => {
  const evaluate = vi.fn(() => verdict());
  const userInfo = { username: 'dev', groups: ['a'] };
  await ask({ evaluate, clock: { ...clock, now: () => 77 } }, { operation: 'UPDATE', userInfo });
  const user = { username: 'dev', groups: ['a'] };
  const change = {
    operation: 'UPDATE',
    namespace: 'shop',
    user,
    before: { deleting: false },
    after: { deleting: false },
  };
  expect(evaluate.mock.calls).toMatchObject([[change, {}, settings, 77]]);
});

test('an allowing verdict asks nobody', async () => {
  const live = cluster([fresh]);
  await ask({ evaluate: () => verdict(finding('dns-partly-blocked', 'warn')), live });
  expect(live.confirm).not.toHaveBeenCalled();
  expect(live.onPoliciesChanged).not.toHaveBeenCalled();
});

test('without a cluster to ask, a denial stands', async () => {
  expect(await ask({ evaluate: () => BLOCKED })).toMatchObject({ allowed: false });
});

test('a denial that a live read overturns is an admission', async () => {
  const { events, observer } = recorder();
  const evaluate: HandlerContext['evaluate'] = (_change, snapshot) => (snapshot === fresh ? verdict() : OPEN);
  const live = cluster([fresh]);
  expect(await ask({ evaluate, live, observer, gatherSnapshot: () => stale })).toEqual({ allowed: true });
  expect(events).toEqual(['live read overturned']);
});

test('a denial that a live read confirms stands, with one call', async () => {
  const { events, observer } = recorder();
  const live = cluster([fresh]);
  expect(await ask({ evaluate: () => OPEN, live, observer })).toMatchObject({ allowed: false });
  expect(live.confirm).toHaveBeenCalledTimes(1);
  expect(live.onPoliciesChanged).not.toHaveBeenCalled();
  expect(events).toEqual(['live read confirmed', 'found dns-open-to-anywhere deny']);
});

test('a carve-out that arrives within the grace turns the denial', async () => {
  const { events, observer } = recorder();
  let cached = stale;
  const arrival = new Promise<void>((resolve) => {
    setTimeout(() => {
      cached = fresh;
      resolve();
    }, 30);
  });
  const evaluate: HandlerContext['evaluate'] = (_change, snapshot) => (snapshot === fresh ? verdict() : BLOCKED);
  const live = cluster([stale], [arrival]);
  expect(await ask({ evaluate, live, observer, gatherSnapshot: () => cached })).toEqual({ allowed: true });
  expect(live.confirm).toHaveBeenCalledTimes(1);
  expect(events).toEqual(['live read confirmed', 'grace wait arrived']);
});

test('the wait ends with one more live read, which may still turn the denial', async () => {
  const evaluate: HandlerContext['evaluate'] = (_change, snapshot) => (snapshot === fresh ? verdict() : BLOCKED);
  const live = cluster([stale, fresh]);
  const started = clock.elapsed();
  expect(await ask({ evaluate, live, gatherSnapshot: () => stale })).toEqual({ allowed: true });
  expect(live.confirm).toHaveBeenCalledTimes(2);
  expect(clock.elapsed() - started).toBeGreaterThan(250);
});

test('other changes do not end the wait', async () => {
  const { events, observer } = recorder();
  const live = cluster([stale], [Promise.resolve(), Promise.resolve()]);
  const started = clock.elapsed();
  expect(await ask({ evaluate: () => BLOCKED, live, observer })).toMatchObject({ allowed: false });
  expect(clock.elapsed() - started).toBeGreaterThan(250);
  expect(live.onPoliciesChanged).toHaveBeenCalledTimes(3);
  expect(events).toEqual(['live read confirmed', 'grace wait timeout', 'found dns-blocked deny']);
});

test('nobody waits where another fault refuses the change anyway', async () => {
  const { events, observer } = recorder();
  const live = cluster([fresh]);
  const both = verdict(finding('dns-blocked', 'deny'), finding('dns-open-to-anywhere', 'deny'));
  await ask({ evaluate: () => both, live, observer });
  expect(events[0]).toBe('live read confirmed');
  expect(live.onPoliciesChanged).not.toHaveBeenCalled();
});

test('the wait leaves time for the last live read', async () => {
  const live = cluster([stale]);
  const limits = vi.spyOn(AbortSignal, 'timeout');
  const settingsWithLongGrace = { ...settings, dnsBlocked: { ...settings.dnsBlocked, graceMs: 60_000 } };
  await ask({ evaluate: () => BLOCKED, live, settings: () => settingsWithLongGrace, clock: stopped }, {}, 700);
  expect(limits.mock.calls).toEqual([[700], [200], [700]]);
});

test('only so many wait at once, of one namespace half of them; whoever has waited longest is refused', async () => {
  const { events, observer } = recorder();
  const live = cluster([stale]);
  const handle = told(createPolicyHandler(judging({ evaluate: () => BLOCKED, live, observer }), NETWORK_POLICY));
  const ask = (namespace: string, count: number) => {
    const request = parseAdmissionReview(review({ namespace }));
    return Array.from({ length: count }, async () => handle(request, clock.elapsed() + 4500));
  };
  await Promise.all(ask('hoarder', 120));
  expect(events.filter((event) => event === 'grace wait queue_full')).toHaveLength(70);
  expect(events.filter((event) => event === 'grace wait timeout')).toHaveLength(50);
  events.length = 0;
  await Promise.all([...ask('hoarder', 50), ...ask('another', 50), ...ask('shop', 3)]);
  expect(events.filter((event) => event === 'grace wait queue_full')).toHaveLength(3);
  expect(events.filter((event) => event === 'grace wait timeout')).toHaveLength(100);
});

test('a namespace whose refusals all wait takes the grace from nobody else', async () => {
  const { events, observer } = recorder();
  let hasArrived = false;
  // Once somebody waits for it, however long the others before him take.
  const arrival = async () => {
    await new Promise((resolve) => setTimeout(resolve, 30));
    hasArrived = true;
  };
  const evaluate: HandlerContext['evaluate'] = ({ namespace }) =>
    namespace === 'shop' && hasArrived ? verdict() : BLOCKED;
  const never = new Promise<void>(() => {});
  const onPoliciesChanged = (namespace: string) => (namespace === 'shop' ? arrival() : never);
  const live = { ...cluster([stale]), onPoliciesChanged };
  const handle = told(createPolicyHandler(judging({ evaluate, live, observer }), NETWORK_POLICY));
  const ask = async (namespace: string) => handle(parseAdmissionReview(review({ namespace })), clock.elapsed() + 4500);
  const hoarded = Array.from({ length: 120 }, () => ask('hoarder'));
  expect(await ask('shop')).toEqual({ allowed: true });
  expect(events).toContain('grace wait arrived');
  for (const answer of await Promise.all(hoarded)) expect(answer).toMatchObject({ status: { code: 403 } });
});

test('a bug in the verdict on live facts is a bug, not an admission', async () => {
  const evaluate: HandlerContext['evaluate'] = (_change, snapshot) => {
    if (snapshot === fresh) throw new TypeError('oof');
    return OPEN;
  };
  await expect(ask({ evaluate, live: cluster([fresh]), gatherSnapshot: () => stale })).rejects.toThrow('oof');
});

test('a dry run is judged as any other', async () => {
  const live = cluster([fresh]);
  expect(await ask({ evaluate: () => OPEN, live }, { dryRun: true })).toMatchObject({ allowed: false });
  expect(live.confirm).toHaveBeenCalledTimes(1);
});

/** A clock that work alone moves on. */
function workingClock() {
  let elapsed = 0;
  return { clock: { now: () => 0, elapsed: () => elapsed }, work: (milliseconds: number) => (elapsed += milliseconds) };
}

test('refusals that share one live read leave the thread to others between their verdicts', async () => {
  const { clock: worked, work } = workingClock();
  let judged = 0;
  const slow: HandlerContext['evaluate'] = () => {
    work(25);
    judged += 1;
    return OPEN;
  };
  const handle = told(
    createPolicyHandler(judging({ evaluate: slow, live: cluster([fresh]), clock: worked }), NETWORK_POLICY),
  );
  const answers = Promise.all(
    Array.from({ length: 20 }, async () => await handle(parseAdmissionReview(review()), worked.elapsed() + 60_000)),
  );
  for (let seen = 0; seen < 40; ) {
    await nextLoop();
    expect(judged - seen).toBeLessThanOrEqual(1);
    seen = judged;
  }
  for (const answer of await answers) expect(answer.status?.code).toBe(403);
});

test('a change for which nobody waits any more is not judged', async () => {
  const judge = vi.fn<HandlerContext['evaluate']>(() => OPEN);
  const handle = told(createPolicyHandler(judging({ evaluate: judge }), NETWORK_POLICY));
  const gone = handle(parseAdmissionReview(review()), clock.elapsed() + 4500, (listener) => listener());
  await expect(gone).rejects.toThrow('the client disconnected');
  expect(judge).not.toHaveBeenCalled();
});

test('a refusal that waits for a carve-out listens once for its client to go away, however often it looks again', async () => {
  const onGone = vi.fn();
  let looks = 0;
  const evaluate = () => {
    looks += 1;
    return looks < 20 ? verdict(finding('dns-blocked', 'deny')) : verdict();
  };
  const live = { confirm: async () => snapshotOf({ shop: {} }), onPoliciesChanged: async () => {} };
  const handle = told(createPolicyHandler(judging({ evaluate, live }), NETWORK_POLICY));
  expect(await handle(parseAdmissionReview(review()), clock.elapsed() + 4500, onGone)).toEqual({ allowed: true });
  expect(looks).toBe(20);
  expect(onGone).toHaveBeenCalledOnce();
});
