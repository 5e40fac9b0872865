import { expect, test, vi } from 'vitest';
import { createGateHandler } from '../../../../src/admission/handlers/gate.ts';
import type { NamespaceNews } from '../../../../src/admission/handlers/waiting-room.ts';
import type { HandlerContext, OnGone } from '../../../../src/admission/review/handler.ts';
import type { LiveCluster } from '../../../../src/admission/review/live-cluster.ts';
import { parseAdmissionReview } from '../../../../src/admission/review/review.ts';
import { readNetworkPolicy } from '../../../../src/policy/dialects/network-policy/network-policy.ts';
import { NamespacePolicies } from '../../../../src/policy/model/namespace-policies.ts';
import type { Settings } from '../../../../src/policy/model/settings.ts';
import type { NamespaceFacts } from '../../../../src/policy/model/snapshot.ts';
import { BUILT_IN_TEMPLATES } from '../../../../src/policy/model/template.ts';
import { offlineSnapshot } from '../../../../src/policy/offline-snapshot.ts';
import { desiredPolicies } from '../../../../src/policy/templates/desired.ts';
import { type AdmissionReview, admissionReview, UID } from '../../../harness/admission-review.ts';
import { BASELINE, STATUS, withBaseline } from '../namespace-review.ts';
import { clock, judging, policy, post, recorder, serverOf, told } from '../setup.ts';

const PENDING: Readonly<Record<string, string>> = { [BASELINE]: 'default-deny', [STATUS]: 'pending' };
const NAMES = ['netpol-guard-allow-dns', 'netpol-guard-default-deny'];

/** A cluster whose namespace `shop` and policies tests change, with a clock that they turn. */
class World implements NamespaceNews {
  namespace: NamespaceFacts | undefined;
  readonly policies = new NamespacePolicies();
  time = Date.now();
  private readonly offline = offlineSnapshot({ namespaces: [], policies: [], otherPolicies: [] }, withBaseline);
  private waiting: (() => void)[] = [];

  constructor(labels: Readonly<Record<string, string>> | undefined = PENDING) {
    this.namespace = {
      name: 'shop',
      labels: new Map(Object.entries(labels)),
      labelsKnown: true,
      terminating: false,
      createdAt: this.time,
    };
  }

  /** How many are being told of what changes. */
  get listeners(): number {
    return this.waiting.length;
  }

  snapshot(): ReturnType<HandlerContext['gatherSnapshot']> {
    return { ...this.offline, namespace: () => this.namespace, policies: () => this.policies };
  }

  store(name: string): void {
    this.policies.set(name, readNetworkPolicy(policy({ podSelector: {} }, { name }), 'shop'));
    this.tell();
  }

  relabel(labels: Readonly<Record<string, string>>): void {
    if (this.namespace) this.namespace = { ...this.namespace, labels: new Map(Object.entries(labels)) };
    this.tell();
  }

  onNamespaceChanged(_: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const done = () => {
        this.waiting = this.waiting.filter((other) => other !== done);
        resolve();
      };
      this.waiting.push(done);
      signal.addEventListener('abort', done, { once: true });
    });
  }

  tell(): void {
    for (const done of this.waiting) done();
  }
}

/** A door to the world; `ask` waits for a tenth of a second at most, where it is not told more. */
function gateOf(
  world: World,
  now: Settings = withBaseline,
  news: NamespaceNews | undefined = world,
  confirm?: LiveCluster['confirm'],
) {
  const { events, observer } = recorder();
  const parts: HandlerContext = {
    ...judging(),
    ...(confirm && { live: { confirm, onPoliciesChanged: async () => {} } }),
    settings: () => now,
    gatherSnapshot: () => world.snapshot(),
    clock: { ...clock, now: () => world.time },
    observer,
  };
  const handler = createGateHandler(parts, news);
  const ask = async (request: object = {}, milliseconds = 100, onGone?: OnGone) =>
    told(handler)(parseAdmissionReview(podReview({ ...request })), clock.elapsed() + milliseconds, onGone);
  return { ask, events, handler };
}

function podReview(request: Readonly<Record<string, unknown>> = {}): AdmissionReview {
  const object = { apiVersion: 'v1', kind: 'Pod', metadata: { generateName: 'web-', namespace: 'shop' } };
  return admissionReview('pods', { object, ...request });
}

test.each<[string, Readonly<Record<string, string>>]>([
  ['whose policies stood', PENDING],
  ['that was not pending', { [BASELINE]: 'default-deny' }],
])('caches that show a namespace that is gone, %s, let no pod into its namesake', async (_, labels) => {
  const cached = new World(labels);
  for (const name of NAMES) cached.store(name);
  const stored = new World();
  const confirm = async () => stored.snapshot();
  const { ask, events } = gateOf(cached, withBaseline, cached, confirm);
  expect(await ask()).toMatchObject({ allowed: false, status: { code: 429 } });
  expect(events).toEqual(['gate wait timeout']);
  for (const name of NAMES) stored.store(name);
  expect(await ask()).toMatchObject({ allowed: true });
});

test('where the API server does not confirm what the caches say, the pod is told to come again', async () => {
  const world = new World();
  for (const name of NAMES) world.store(name);
  const confirm = async () => {
    throw new Error('connect ECONNREFUSED');
  };
  const { ask } = gateOf(world, withBaseline, world, confirm);
  expect(await ask()).toMatchObject({ allowed: false, status: { code: 429 } });
});

test('of 32 namespaces the API server is asked at once, and of the next one when it has answered', async () => {
  const world = new World({ [BASELINE]: 'default-deny' });
  const answers = new Map<string, () => void>();
  const confirm = (namespace: string) =>
    new Promise<ReturnType<World['snapshot']>>((resolve) => answers.set(namespace, () => resolve(world.snapshot())));
  const { ask } = gateOf(world, withBaseline, world, confirm);
  const names = Array.from({ length: 100 }, (_, n) => `known-${n}`);
  const asked = names.map((namespace) => ask({ namespace }, 60_000));
  for (const end of [32, 64, 96, 100]) {
    await vi.waitFor(() => expect(answers.size).toBe(Math.min(end, 100)));
    expect([...answers.keys()]).toEqual(names.slice(0, end));
    for (const answer of answers.values()) answer();
  }
  for (const answer of await Promise.all(asked)) expect(answer).toEqual({ allowed: true });
});

test('where it has not answered in time about those before, the pod is told to come again, however long it was held', async () => {
  const world = new World();
  let asked = 0;
  const confirm: LiveCluster['confirm'] = (_, signal) => {
    asked += 1;
    return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('late'))));
  };
  const { ask, events } = gateOf(world, withBaseline, world, confirm);
  world.time += 61_000;
  const first = Array.from({ length: 32 }, (_, n) => ask({ namespace: `known-${n}` }, 1000));
  expect(await ask({}, 100)).toMatchObject({ allowed: false, status: { code: 429 } });
  expect(events).toEqual(['gate wait queue_full']);
  expect(asked).toBe(32);
  await Promise.all(first);
});

test('where the baseline does not stand in time, the pod is told to come again, in an answer of known form', async () => {
  const world = new World();
  const { handler, events } = gateOf(world);
  const server = serverOf(undefined, { routes: new Map([['/gate', new Map([['v1/pods', handler]])]]) });
  const response = await post(server, podReview(), '/gate?timeout=50ms');
  const message =
    'namespace shop is still being set up (waiting for netpol-guard-allow-dns, netpol-guard-default-deny); retry in a second';
  expect(response.json()).toEqual({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: {
      uid: UID,
      allowed: false,
      status: {
        status: 'Failure',
        code: 429,
        reason: 'TooManyRequests',
        message: `metadata.namespace: ${message}`,
        details: {
          retryAfterSeconds: 1,
          causes: [{ reason: 'BaselinePending', message, field: 'metadata.namespace' }],
        },
      },
    },
  });
  expect(events).toEqual(['gate wait timeout']);
  expect(world.listeners).toBe(0);
});

test('a pod waits until the last of the policies stands', async () => {
  const world = new World();
  const { ask, events } = gateOf(world);
  const answer = ask({}, 60_000);
  await vi.waitFor(() => expect(world.listeners).toBe(1));
  world.store(NAMES[0] ?? '');
  await vi.waitFor(() => expect(world.listeners).toBe(1));
  expect(events).toEqual([]);
  world.store(NAMES[1] ?? '');
  expect(await answer).toEqual({ allowed: true });
  expect(events).toEqual(['gate wait ready']);
  expect(world.listeners).toBe(0);
});

test('a pod waits until the namespace is pending no more, or is known at all', async () => {
  const world = new World();
  const { ask } = gateOf(world);
  const first = ask({}, 60_000);
  await vi.waitFor(() => expect(world.listeners).toBe(1));
  world.relabel({ [BASELINE]: 'default-deny' });
  expect(await first).toEqual({ allowed: true });

  const { namespace } = world;
  world.namespace = undefined;
  const second = ask({}, 60_000);
  await vi.waitFor(() => expect(world.listeners).toBe(1));
  world.namespace = namespace;
  world.tell();
  expect(await second).toEqual({ allowed: true });
});

test('a namespace of that name that is going is not the one that pods are created in', async () => {
  const world = new World({});
  const { ask } = gateOf(world);
  if (world.namespace) world.namespace = { ...world.namespace, terminating: true };
  expect(await ask()).toMatchObject({
    status: { code: 429, message: expect.stringContaining('waiting for the namespace to appear in the cache') },
  });
});

test('what is not managed does not count as the baseline, whatever else is there', async () => {
  const world = new World();
  world.store('allow-dns');
  world.store('default-deny');
  const { ask } = gateOf(world);
  expect(await ask()).toMatchObject({ allowed: false, status: { code: 429 } });
});

test('a pod does not wait where nothing is coming', async () => {
  const off = { ...withBaseline, gate: { enabled: false, maxHoldMs: 60_000 } };
  const excluding = { ...withBaseline, systemNamespaces: ['shop'] };
  for (const { ask } of [
    gateOf(new World(), off),
    gateOf(new World(), excluding),
    gateOf(new World({ ...PENDING, [BASELINE]: 'none' })),
    gateOf(new World({ [STATUS]: 'pending' })),
    gateOf(new World({ [BASELINE]: 'default-deny' })),
  ]) {
    expect(await ask({}, 0)).toEqual({ allowed: true });
  }
});

test('a dry run does not wait: the pod that it stands for will be admitted', async () => {
  expect(await gateOf(new World()).ask({ dryRun: true }, 0)).toEqual({ allowed: true });
});

test('a namespace holds pods back for so long, and no longer', async () => {
  const world = new World();
  const { ask, events } = gateOf(world);
  world.time += 59_999;
  expect(await ask({}, 0)).toMatchObject({ allowed: false });
  world.time += 1;
  expect(await ask({}, 60_000)).toEqual({
    allowed: true,
    warnings: [
      'admitted without its baseline after 60 s: netpol-guard-allow-dns, netpol-guard-default-deny is still missing',
    ],
  });
  expect(events).toEqual(['gate wait timeout', 'gate wait hold_limit_exceeded']);
});

test('where nobody knows since when a namespace is there, it counts from its first pod', async () => {
  const world = new World();
  const { ask } = gateOf(world);
  world.namespace = undefined;
  expect(await ask({}, 0)).toMatchObject({ allowed: false });
  world.time += 59_999;
  expect(await ask({}, 0)).toMatchObject({ allowed: false });
  expect(await ask({ namespace: 'other' }, 0)).toMatchObject({ allowed: false });
  world.time += 1;
  expect(await ask({}, 0)).toMatchObject({ allowed: true });
  expect(await ask({ namespace: 'other' }, 0)).toMatchObject({ allowed: false });
});

test('without news, as offline, nothing is waited for', async () => {
  const world = new World();
  const { events, observer } = recorder();
  const parts = { ...judging({ observer }), settings: () => withBaseline, gatherSnapshot: () => world.snapshot() };
  const handler = createGateHandler(parts);
  expect(await told(handler)(parseAdmissionReview(podReview()), clock.elapsed() + 60_000)).toMatchObject({
    allowed: false,
  });
  expect(events).toEqual(['gate wait timeout']);
});

test('a hundred wait of one namespace; who comes then takes the place of the one that has waited longest', async () => {
  const world = new World();
  const { ask, events } = gateOf(world);
  const waiting = Array.from({ length: 100 }, () => ask({}, 60_000));
  await vi.waitFor(() => expect(world.listeners).toBe(100));
  const next = ask({}, 60_000);
  expect(await waiting[0]).toMatchObject({ allowed: false, status: { code: 429 } });
  expect(events).toEqual(['gate wait queue_full']);
  for (const name of NAMES) world.store(name);
  expect((await Promise.all([...waiting.slice(1), next])).every(({ allowed }) => allowed)).toBe(true);
  world.relabel({ ...PENDING, [BASELINE]: 'default-deny-ingress' });
  world.policies.delete('netpol-guard-default-deny');
  const later = ask({}, 60_000);
  await vi.waitFor(() => expect(world.listeners).toBe(1));
  world.store('netpol-guard-default-deny');
  expect(await later).toEqual({ allowed: true });
});

test('whoever asks for pods of many namespaces holds up no pod of another', async () => {
  const world = new World();
  const { ask } = gateOf(world);
  const strangers = Array.from({ length: 400 }, (_, n) => ask({ namespace: `known-${n % 2}` }, 60_000));
  await vi.waitFor(() => expect(world.listeners).toBe(200));
  const ours = ask({}, 60_000);
  const stranger = ask({ namespace: 'known-0' }, 60_000);
  await vi.waitFor(() => expect(world.listeners).toBe(200));
  for (const name of NAMES) world.store(name);
  expect(await ours).toEqual({ allowed: true });
  await Promise.all([...strangers, stranger]);
});

/** Waits without a timer: vi.waitFor would advance the fake ones. */
async function listening(world: World, count: number): Promise<void> {
  while (world.listeners !== count) await new Promise((resolve) => setImmediate(resolve));
}

test('whoever asks for pods of namespaces that are not there is told so soon, and takes no place of those that are', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    const world = new World();
    const { ask, events } = gateOf(world);
    const real = world.namespace;
    world.namespace = undefined;
    const strangers = Array.from({ length: 300 }, (_, n) => ask({ namespace: `nowhere-${n}` }, 60_000));
    await listening(world, 50);
    world.namespace = real;
    const ours = Array.from({ length: 100 }, () => ask({}, 60_000));
    await listening(world, 150);
    world.namespace = undefined;
    await vi.advanceTimersByTimeAsync(500);
    const answers = await Promise.all(strangers);
    expect(answers.every(({ status }) => status?.code === 429)).toBe(true);
    expect(events.filter((event) => event === 'gate wait timeout')).toHaveLength(50);
    expect(world.listeners).toBe(100);
    world.namespace = real;
    for (const name of NAMES) world.store(name);
    expect((await Promise.all(ours)).every(({ allowed }) => allowed)).toBe(true);
  } finally {
    vi.useRealTimers();
  }
});

test('a pod that came before news of its namespace waits on for its baseline', async () => {
  const world = new World();
  const { ask, events } = gateOf(world);
  const { namespace } = world;
  world.namespace = undefined;
  const answer = ask({}, 60_000);
  await vi.waitFor(() => expect(world.listeners).toBe(1));
  world.namespace = namespace;
  world.tell();
  await vi.waitFor(() => expect(world.listeners).toBe(1));
  for (const name of NAMES) world.store(name);
  expect(await answer).toEqual({ allowed: true });
  expect(events).toEqual(['gate wait ready']);
});

test('a wait ends when its client goes away', async () => {
  const world = new World();
  const { ask, events } = gateOf(world);
  let leave = () => {};
  const answer = ask({}, 60_000, (listener) => {
    leave = listener;
  });
  await vi.waitFor(() => expect(world.listeners).toBe(1));
  leave();
  await answer;
  expect(events).toEqual(['gate wait client_gone']);
  expect(world.listeners).toBe(0);
});

test('nobody waits for longer than two seconds', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    const world = new World();
    const { ask, events } = gateOf(world);
    const answer = ask({}, 60_000);
    await vi.advanceTimersByTimeAsync(1999);
    expect(events).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(await answer).toMatchObject({ status: { code: 429 } });
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

test('the names that are waited for are those of the template', () => {
  const template = BUILT_IN_TEMPLATES.get('default-deny') ?? { name: '', items: [] };
  const { policies } = desiredPolicies(template, new World().snapshot());
  expect(policies.map(({ name }) => name)).toEqual(NAMES);
});

test('what is no creation of a pod is a request that does not belong here', async () => {
  const { ask } = gateOf(new World());
  await expect(ask({ operation: 'DELETE', oldObject: {} })).rejects.toThrow('only the creation of a Pod is held back');
  await expect(ask({ namespace: '' })).rejects.toThrow('request.namespace: missing; a Pod belongs to a namespace');
  await expect(ask({ object: { apiVersion: 'v1', kind: 'Secret' } })).rejects.toThrow('request.object: is "Secret"');
});
