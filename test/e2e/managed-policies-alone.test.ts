import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { applyPolicies, removePolicies, renderPolicies } from '../harness/admission-policies.ts';
import type { ApiClient } from '../harness/api-client.ts';
import { ALLOW_DNS, DEFAULT_DENY, DEFAULT_POLICIES, WITH_BASELINE } from '../harness/baseline.ts';
import { connect } from '../harness/connected.ts';
import { creatorsOf, refusedBy } from '../harness/creators.ts';
import { policyPath } from '../harness/policies.ts';
import { OURSELVES } from '../harness/release.ts';

const MERGE = 'application/merge-patch+json';
const BASELINE = 'netpol-guard.io/baseline';

/** No webhook, as where the webhook fails open and no replica answers. */
const cluster = connect(inject('controlPlane'));
const { dana, erin, furnish } = creatorsOf(cluster);
const ourselves = cluster.clientOf(OURSELVES);

beforeAll(furnish);
afterAll(() => cluster.close());

/** What the controller would apply under a template, by its own hands. */
async function kept(template: string): Promise<string> {
  const namespace = await cluster.namespace({ [BASELINE]: template });
  for (const [name, spec] of Object.entries(DEFAULT_POLICIES)) {
    const object = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name, labels: { 'app.kubernetes.io/managed-by': 'netpol-guard' } },
      spec,
    };
    const path = policyPath(namespace, `/${name}?fieldManager=netpol-guard&force=true`);
    const answer = await ourselves.request('PATCH', path, object, 'application/apply-patch+yaml');
    expect(answer).toMatchObject({ status: 201 });
  }
  return namespace;
}

const respecify = (client: ApiClient, namespace: string, name: string, spec: object) =>
  client.request('PATCH', policyPath(namespace, `/${name}?dryRun=All`), { spec }, MERGE);

const respecifyForGood = (client: ApiClient, namespace: string, name: string, spec: object) =>
  client.request('PATCH', policyPath(namespace, `/${name}`), { spec }, MERGE);

const OPEN = { egress: [{}] };

describe('where the webhook fails open', () => {
  // Which of two policies is told, where both refuse, is left to chance.
  const policies = renderPolicies(WITH_BASELINE, { failsClosed: false }).filter(
    ({ metadata }) => metadata.name !== 'netpol-guard-openings',
  );
  beforeAll(() => applyPolicies(policies, cluster.kubectl, ourselves));
  afterAll(() => removePolicies(cluster.kubectl, ourselves));

  it('no spec of the baseline changes by other hands', async () => {
    const namespace = await kept('default-deny');
    for (const [name, spec] of [
      [DEFAULT_DENY, OPEN],
      [DEFAULT_DENY, { ingress: [{}] }],
      [DEFAULT_DENY, { policyTypes: ['Ingress'] }],
      [DEFAULT_DENY, { podSelector: { matchLabels: { app: 'none' } } }],
      [DEFAULT_DENY, { podSelector: { matchExpressions: [{ key: 'app', operator: 'Exists' }] } }],
      [ALLOW_DNS, { egress: [{ ports: [{ port: 443 }] }] }],
      [ALLOW_DNS, { egress: [] }],
    ] as const) {
      const answer = await respecify(dana, namespace, name, spec);
      expect(answer).toMatchObject(refusedBy('baseline', 'this change would be reverted'));
    }
  });

  it('a default-deny that has drifted is shut again by anybody', async () => {
    const namespace = await kept('default-deny');
    for (const drift of [{}, { policyTypes: ['Ingress'] }, { podSelector: { matchLabels: { app: 'none' } } }]) {
      expect((await respecifyForGood(erin, namespace, DEFAULT_DENY, { ...drift, ingress: [{}] })).status).toBe(200);
      const right = { podSelector: { matchLabels: null }, policyTypes: ['Ingress', 'Egress'], ingress: null };
      expect(await respecifyForGood(dana, namespace, DEFAULT_DENY, right)).toMatchObject({ status: 200 });
    }
  });

  it('a template that the configuration does not have keeps what was applied', async () => {
    const namespace = await kept('gone');
    expect(await respecify(dana, namespace, ALLOW_DNS, OPEN)).toMatchObject(refusedBy('baseline', '(template gone)'));
    const path = policyPath(namespace, `/${ALLOW_DNS}?dryRun=All`);
    expect(await dana.request('DELETE', path)).toMatchObject(refusedBy('baseline'));
  });

  it('a namespace without a template keeps nothing', async () => {
    const namespace = await kept('none');
    expect((await respecify(dana, namespace, ALLOW_DNS, { egress: [] })).status).toBe(200);
    expect((await dana.request('DELETE', policyPath(namespace, '?dryRun=All'))).status).toBe(200);
  });
});

describe('where less is asked for than to refuse', () => {
  const shown = renderPolicies(WITH_BASELINE, { enforcement: 'warn' });
  // The fence warns too, so that what is waited for is not refused but told.
  beforeAll(async () => {
    const list = { apiVersion: 'v1', kind: 'List', items: shown };
    expect(await cluster.kubectl(['apply', '-f', '-'], { stdin: JSON.stringify(list) })).toMatchObject({ status: 0 });
  });
  afterAll(() => removePolicies(cluster.kubectl, ourselves));

  it('everything passes with a warning', async () => {
    await expect
      .poll(
        async () =>
          (await dana.request('POST', '/api/v1/namespaces?dryRun=All', { metadata: { name: 'weave' } })).warnings,
        {
          timeout: 20_000,
        },
      )
      .toEqual([expect.stringContaining('the name weave is reserved')]);
    const namespace = await kept('default-deny');
    const answer = await dana.request('DELETE', policyPath(namespace, `/${DEFAULT_DENY}?dryRun=All`));
    expect(answer).toMatchObject({
      status: 200,
      warnings: [expect.stringContaining('is managed by netpol-guard (template default-deny)')],
    });
  });
});
