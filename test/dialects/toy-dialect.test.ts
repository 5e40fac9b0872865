import { afterAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { rightsByFeature } from '../../scripts/release/rights.ts';
import { webhookEntries } from '../../src/admission/registration/entries.ts';
import { readLargeReview } from '../../src/admission/review/read-review.ts';
import { startCluster } from '../../src/cluster/cluster.ts';
import { createMetrics } from '../../src/commands/serve/metrics/admission.ts';
import { createWebhook } from '../../src/commands/serve/webhook.ts';
import { readManifests } from '../../src/manifests/text/manifests.ts';
import { SourceText } from '../../src/manifests/text/source-text.ts';
import { offlineSnapshot } from '../../src/policy/offline-snapshot.ts';
import { readWorld, worldOptions } from '../../src/report/world.ts';
import { hurriedClock } from '../harness/clocks.ts';
import { certificate, clock, settings, silent } from '../unit/admission/setup.ts';
import type { FakeApiServer } from '../unit/cluster/fake-api-server.ts';
import { clientOf, eventually, onEnd, startServer, TestLogger } from '../unit/cluster/world.ts';
import { TOY_SET, TOYS, toy } from './toy.ts';

const ANYWHERE = { pods: {}, blocks: ['0.0.0.0/0'] };
const INSIDE = { pods: {}, blocks: ['10.0.0.0/8'] };
const MISSPELT = { pods: {}, blocks: ['10.0.0.0'] };

/** As an API server asks about the creation of an object. */
function reviewOf(object: Readonly<Record<string, unknown>>, plural: string, more: object = {}) {
  const [group, version] = String(object['apiVersion']).split('/');
  const { namespace } = Object(object['metadata']);
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: '705ab4f5-6393-11e8-b7cc-42010a800002',
      resource: { group, version, resource: plural },
      operation: 'CREATE',
      ...(namespace === undefined ? {} : { namespace }),
      name: 'web',
      userInfo: { username: 'dev' },
      object,
      ...more,
    },
  };
}

describe('a dialect of two groups, with a fact and cluster scope, is served', () => {
  const snapshot = offlineSnapshot({ namespaces: [], policies: [], otherPolicies: [] }, settings);
  const { app } = createWebhook({
    facts: { snapshot: () => snapshot, notReady: () => [], stop: async () => {} },
    settings: () => settings,
    readLarge: () => Promise.reject(new Error('nothing here is large')),
    security: { tls: certificate },
    clock,
    metrics: createMetrics(),
    log: silent,
    dialects: TOYS,
  });
  afterAll(() => app.close());

  async function ask(review: object) {
    const headers = { 'content-type': 'application/json' };
    const { statusCode, json } = await app.inject({ method: 'POST', url: '/validate', headers, payload: review });
    return { statusCode, response: json().response };
  }

  it.each(['toy.example/v1', 'old.toy.example/v1beta1'])('as %s: its policies are judged', async (apiVersion) => {
    const open = await ask(reviewOf({ ...toy('ToyPolicy', ANYWHERE), apiVersion }, 'toypolicies'));
    expect(open.response).toMatchObject({ allowed: false, status: { code: 403 } });
    expect(open.response.status.message).toContain('egress-open-to-anywhere');
  });

  it('and a version that is not read is no path of the webhook', async () => {
    const object = { ...toy('ToyPolicy', INSIDE), apiVersion: 'old.toy.example/v1' };
    expect((await ask(reviewOf(object, 'toypolicies'))).statusCode).toBe(400);
  });

  it('and what cannot be read is refused, whatever the kind', async () => {
    const policy = await ask(reviewOf({ ...toy('ToyPolicy', MISSPELT) }, 'toypolicies'));
    expect(policy.response.status).toMatchObject({ code: 422, reason: 'Invalid' });
    const set = await ask(reviewOf({ ...toy('ToySet', { blocks: 'all' }) }, 'toysets'));
    expect(set.response.status.message).toBe(
      'the ToySet cannot be read: spec.blocks: "all" is a string where a list is expected; put each item after a dash',
    );
  });

  it('and what lies in no namespace is let in with a warning, a fact without', async () => {
    const policy = await ask(reviewOf({ ...toy('ClusterToyPolicy', ANYWHERE) }, 'clustertoypolicies'));
    expect(policy.response).toMatchObject({
      allowed: true,
      warnings: ['ClusterToyPolicy of toy.example/v1 is not judged; it may allow or forbid what other policies do not'],
    });
    const set = await ask(reviewOf({ ...toy('ToySet', { blocks: [] }) }, 'toysets'));
    expect(set.response).toMatchObject({ allowed: true });
    expect(set.response.warnings).toBeUndefined();
  });

  it('and a large review of it is read by the thread that reads', () => {
    const large = (object: object, plural: string) =>
      readLargeReview(Buffer.from(JSON.stringify(reviewOf({ ...object }, plural))), TOYS);
    expect(large(toy('ToyPolicy', INSIDE), 'toypolicies')).toMatchObject({ request: { isLarge: true } });
    expect(large(toy('ToySet', { blocks: 1 }), 'toysets').answer?.response.status?.code).toBe(422);
    expect(large(toy('ToySet', { blocks: [] }), 'toysets').answer?.response).toEqual({ allowed: true });
  });
});

it('is registered: policies fail closed, facts do not, and its own account is not asked about', () => {
  const entries = webhookEntries({ namespace: 'netpol-guard', serviceAccount: 'netpol-guard' }, TOYS.all);
  const toys = entries.filter(({ name }) => name.startsWith('toy'));
  const groups = (rules: (typeof toys)[number]['rules']) =>
    rules.map(({ apiGroups, apiVersions, resources, scope }) =>
      [apiGroups, apiVersions, resources, scope].flat().join(' '),
    );
  expect(toys.map(({ name, failurePolicy, rules }) => [name, failurePolicy, groups(rules)])).toEqual([
    [
      'toy.netpol-guard.io',
      'Fail',
      [
        'toy.example v1 toypolicies Namespaced',
        'old.toy.example v1beta1 toypolicies Namespaced',
        'toy.example v1 clustertoypolicies Cluster',
        'old.toy.example v1beta1 clustertoypolicies Cluster',
      ],
    ],
    ['toy-facts.netpol-guard.io', 'Ignore', ['toy.example v1 toysets Cluster']],
    [
      'toy-delete.netpol-guard.io',
      'Ignore',
      [
        'toy.example v1 toypolicies Namespaced',
        'old.toy.example v1beta1 toypolicies Namespaced',
        'toy.example v1 clustertoypolicies Cluster',
        'old.toy.example v1beta1 clustertoypolicies Cluster',
      ],
    ],
  ]);
  const conditions = toys.flatMap(({ matchConditions }) => matchConditions.map(({ expression }) => expression));
  expect(conditions.filter((expression) => expression.includes("'system:serviceaccount:toy:agent'"))).toHaveLength(3);
});

it('may be listed and watched', () => {
  const rights = rightsByFeature('netpol-guard', TOYS).flatMap(({ cluster = [] }) => cluster);
  const mayWatch = (group: string, plural: string) =>
    rights.some(
      ({ apiGroups, resources, verbs }) =>
        apiGroups.includes(group) && resources.includes(plural) && verbs.includes('list') && verbs.includes('watch'),
    );
  expect(mayWatch('toy.example', 'toypolicies')).toBe(true);
  expect(mayWatch('old.toy.example', 'clustertoypolicies')).toBe(true);
  expect(mayWatch('toy.example', 'toysets')).toBe(true);
  expect(mayWatch('old.toy.example', 'toysets')).toBe(false);
});

describe('it is linted', () => {
  function lint(...objects: readonly object[]) {
    const text = objects.map((object) => stringify(object)).join('---\n');
    const { objects: manifests } = readManifests([new SourceText('toys.yaml', text)], TOYS);
    return readWorld(manifests, { ...worldOptions(settings, 'default'), dialects: TOYS });
  }

  it('with the same sentence as the webhook has for the same fault', () => {
    const { findings } = lint(
      toy('ToySet', { blocks: 'all' }),
      toy('ToyPolicy', MISSPELT),
      toy('ToyPolicy', { pod: {} }),
    );
    expect(findings.map(({ kind, path, message }) => `${kind} ${path}: ${message}`)).toEqual([
      'ToySet spec.blocks: "all" is a string where a list is expected; put each item after a dash',
      'ToyPolicy spec.egress[0].to[0].ipBlock.cidr: "10.0.0.0" lacks its prefix length; a single address is 10.0.0.0/32',
      'ToyPolicy spec.pod: unknown field "pod"; did you mean pods?',
    ]);
  });

  it('beside a NetworkPolicy of the same name, and what lies in no namespace makes others uncertain', () => {
    const own = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'web', namespace: 'shop' },
      spec: { podSelector: {} },
    };
    const world = lint(own, toy('ToyPolicy', INSIDE), toy('ClusterToyPolicy', INSIDE));
    expect(world.policies.map(({ ref }) => `${ref.kind} ${ref.namespace}/${ref.name}`)).toEqual([
      'NetworkPolicy shop/web',
      'ToyPolicy shop/web',
    ]);
    expect(world.otherPolicies).toEqual([{ kind: 'clustertoypolicies.toy.example' }]);
    expect(world.findings.map(({ rule, kind }) => `${rule} ${kind}`)).toEqual([
      'unsupported-policy-api ClusterToyPolicy',
    ]);
    const snapshot = offlineSnapshot({ ...world, namespaces: [] }, settings);
    expect([...snapshot.policies('shop').all()]).toHaveLength(2);
  });
});

describe('it is watched', () => {
  const POLICIES = '/apis/networking.k8s.io/v1/networkpolicies';
  const TOY_POLICIES = '/apis/toy.example/v1/toypolicies';
  const OLD_TOY_POLICIES = '/apis/old.toy.example/v1beta1/toypolicies';
  const CLUSTER_TOY_POLICIES = '/apis/toy.example/v1/clustertoypolicies';
  const SETS = '/apis/toy.example/v1/toysets';
  const SERVED: FakeApiServer['served'] = [
    { group: 'toy.example', version: 'v1', plural: 'toypolicies', scope: 'Namespaced' },
    { group: 'toy.example', version: 'v1', plural: 'clustertoypolicies', scope: 'Cluster' },
    { group: 'toy.example', version: 'v1', plural: 'toysets', scope: 'Cluster' },
    { group: 'old.toy.example', version: 'v1beta1', plural: 'toypolicies', scope: 'Namespaced' },
  ];
  const soon = () => AbortSignal.timeout(5000);
  const web = (spec: object) => ({ metadata: { name: 'web', namespace: 'shop' }, spec });

  async function follow(configure: (server: FakeApiServer) => void) {
    const server = await startServer((fake) => {
      fake.served = SERVED;
      fake.put('/api/v1/namespaces', { metadata: { name: 'shop' } });
      fake.put(POLICIES, web({ podSelector: {} }));
      configure(fake);
    });
    const cluster = startCluster({
      client: clientOf(server),
      settings: () => settings,
      clock: hurriedClock(20),
      logger: new TestLogger(),
      dialects: TOYS,
    });
    onEnd(() => cluster.stop());
    await cluster.synced(soon());
    const kinds = () =>
      [...cluster.snapshot().policies('shop').all()].map(({ ref }) => `${ref.kind} ${ref.apiVersion}`);
    return { server, cluster, kinds };
  }

  const BOTH = ['NetworkPolicy networking.k8s.io/v1', 'ToyPolicy toy.example/v1'];

  it('once, where two groups serve the same', async () => {
    const { kinds } = await follow((fake) => {
      fake.put(TOY_POLICIES, web(INSIDE));
      fake.put(OLD_TOY_POLICIES, web(INSIDE));
    });
    await eventually(() => kinds().length === 2);
    expect(kinds()).toEqual(BOTH);
  });

  it('beside a NetworkPolicy of the same name, which comes and goes by itself', async () => {
    const { server, kinds } = await follow((fake) => fake.put(TOY_POLICIES, web(INSIDE)));
    await eventually(() => kinds().length === 2);
    server.remove(POLICIES, 'shop', 'web');
    await eventually(() => kinds().length === 1);
    expect(kinds()).toEqual(['ToyPolicy toy.example/v1']);
  });

  it('and read live before a refusal', async () => {
    const { server, cluster, kinds } = await follow(() => {});
    server.lagging = true;
    server.put(TOY_POLICIES, web(INSIDE));
    expect(kinds()).toEqual(BOTH.slice(0, 1));
    const confirmed = await cluster.confirm('shop', soon());
    expect([...confirmed.policies('shop').all()].map(({ ref }) => ref.kind)).toEqual(['NetworkPolicy', 'ToyPolicy']);
  });

  it('and one that cannot be read is not taken for absent', async () => {
    const { cluster } = await follow((fake) => fake.put(TOY_POLICIES, web(MISSPELT)));
    await eventually(() => cluster.snapshot().unreadablePolicies('shop').length === 1);
    expect(cluster.snapshot().unreadablePolicies('shop')).toEqual(['ToyPolicy.toy.example/web']);
  });

  it('with its facts; those that cannot be read, and what lies in no namespace, can reach every one', async () => {
    const { server, cluster } = await follow((fake) => {
      fake.put(SETS, { metadata: { name: 'blocks' }, spec: { blocks: ['10.0.0.0/8'] } });
    });
    const reaching = () => cluster.snapshot().otherPolicies('shop');
    expect([...(cluster.snapshot().facts?.(TOY_SET) ?? [])]).toEqual([{ blocks: ['10.0.0.0/8'] }]);
    expect(reaching()).toEqual([]);
    server.put(SETS, { metadata: { name: 'blocks' }, spec: { blocks: 'all' } });
    await eventually(() => reaching().join() === 'toysets.toy.example');
    server.remove(SETS, '', 'blocks');
    server.put(CLUSTER_TOY_POLICIES, { metadata: { name: 'all' }, spec: INSIDE });
    await eventually(() => reaching().join() === 'clustertoypolicies.toy.example');
  });

  it('until its definition is deleted, and all of its objects with it', async () => {
    const { server, cluster, kinds } = await follow((fake) => fake.put(TOY_POLICIES, web(INSIDE)));
    await eventually(() => kinds().length === 2);
    server.served = [];
    await cluster.confirm('shop', soon());
    expect(kinds()).toEqual(BOTH.slice(0, 1));
  });
});
