import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { openBreakGlass } from '../break-glass/page.ts';
import { POLICY_NAMES, renderPolicies } from '../harness/admission-policies.ts';
import type { ApiClient } from '../harness/api-client.ts';
import { CREATORS, creatorsOf, refusedBy } from '../harness/creators.ts';
import { useCluster } from '../harness/fixture.ts';
import { allowDns, egressPolicy, policyPath } from '../harness/policies.ts';
import { OURSELVES, ourWarnings } from '../harness/release.ts';
import { until } from '../harness/until.ts';

const MERGE = 'application/merge-patch+json';

const CONFIG = { exemptions: { namespaces: ['exempt-*'] } };
const cluster = useCluster({ config: CONFIG });
const { dana, erin, furnish } = creatorsOf(cluster);
const tigera = cluster.clientOf('system:serviceaccount:tigera-operator:tigera-operator', [CREATORS]);
const ourselves = cluster.clientOf(OURSELVES);

beforeAll(furnish);

const create = (client: ApiClient, metadata: object) =>
  client.request('POST', '/api/v1/namespaces?dryRun=All', { metadata });

const write = (client: ApiClient, method: 'POST' | 'DELETE' | 'PATCH', path: string, body?: object) =>
  client.request(method, `${path}?dryRun=All`, body, method === 'PATCH' ? MERGE : undefined);

describe('the admission policies', () => {
  it('are there, each with a binding of its name', async () => {
    for (const kind of ['validatingadmissionpolicies', 'validatingadmissionpolicybindings']) {
      const { stdout } = await cluster.kubectl(['get', kind, '-o', 'jsonpath={.items[*].metadata.name}']);
      expect(stdout.split(' ').toSorted()).toEqual(POLICY_NAMES.toSorted());
    }
  });
});

describe('a name that takes a namespace out of the rules', () => {
  const names = ['weave', 'cilium', 'kube-router', 'rke2-system', 'cattle-system', 'openshift-dns', 'gke-managed-cim'];

  it.each([...names, 'exempt-me', 'netpol-guard'])('%s is for those who have the verb exempt', async (name) => {
    expect(await create(dana, { name })).toMatchObject(refusedBy('names', `the name ${name} is reserved`));
    expect((await create(erin, { name })).status).toBe(name === 'netpol-guard' ? 409 : 201);
  });

  it.each(['openshift-', 'exempt-', `openshift-${'x'.repeat(48)}`])(
    '%s is so where the rest of it is generated, whatever the labels claim',
    async (generateName) => {
      const labels = { 'kubernetes.io/metadata.name': 'shop' };
      expect(await create(dana, { generateName, labels })).toMatchObject(refusedBy('names'));
      expect((await create(erin, { generateName })).status).toBe(201);
    },
  );

  it('is open to those who install the plane of a cluster', async () => {
    expect((await create(tigera, { name: 'calico-system' })).status).toBe(201);
  });

  it('is no name that only looks like one, nor one that every cluster has', async () => {
    for (const name of ['weaver', 'my-openshift-x', 'openshift', 'cilium-test', 'exempt']) {
      expect((await create(dana, { name })).status).toBe(201);
    }
    expect((await create(dana, { generateName: 'weav' })).status).toBe(201);
    expect((await create(dana, { name: 'kube-system' })).status).toBe(409);
  });
});

describe('a policy that is being deleted', () => {
  const changed = { spec: { egress: [{}] } };

  it('cannot be rewritten, by nobody; its finalizers come off', async () => {
    const namespace = await cluster.namespace();
    const object = { ...allowDns, metadata: { name: 'held', finalizers: ['example.com/mine'] } };
    expect((await dana.request('POST', policyPath(namespace), object)).status).toBe(201);
    expect((await write(dana, 'PATCH', policyPath(namespace, '/held'), { spec: { ingress: [] } })).status).toBe(200);
    expect((await dana.request('DELETE', policyPath(namespace, '/held'))).status).toBe(200);

    for (const client of [dana, erin, cluster.api]) {
      expect(await write(client, 'PATCH', policyPath(namespace, '/held'), changed)).toMatchObject(
        refusedBy('leaving', `NetworkPolicy ${namespace}/held is being deleted`),
      );
    }
    const metadata = { finalizers: null, labels: { team: 'shop' } };
    expect((await dana.request('PATCH', policyPath(namespace, '/held'), { metadata }, MERGE)).status).toBe(200);
    expect((await dana.request('GET', policyPath(namespace, '/held'))).status).toBe(404);
  });
});

describe("netpol-guard's own account", () => {
  const baseline = 'netpol-guard.io/baseline';

  it.each([
    ['Pod Security', { labels: { 'pod-security.kubernetes.io/enforce': 'privileged' } }],
    ['a level', { labels: { 'netpol-guard.io/enforce': 'off' } }],
    ['an annotation', { annotations: { 'scheduler.alpha.kubernetes.io/node-selector': 'x' } }],
    ['a finalizer', { finalizers: ['example.com/x'] }],
    ['an owner', { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: 'x' }] }],
    ['a label beside its own', { labels: { [baseline]: 'none', team: 'x' } }],
  ])('cannot give a namespace %s', async (_, metadata) => {
    for (const name of [await cluster.namespace(), 'kube-system']) {
      expect(await write(ourselves, 'PATCH', `/api/v1/namespaces/${name}`, { metadata })).toMatchObject(
        refusedBy('fence'),
      );
    }
  });

  it('cannot take a label away that is not its own', async () => {
    const name = await cluster.namespace({ team: 'shop' });
    for (const labels of [{ team: null }, { team: 'x' }]) {
      const answer = await write(ourselves, 'PATCH', `/api/v1/namespaces/${name}`, { metadata: { labels } });
      expect(answer).toMatchObject(refusedBy('fence'));
    }
  });

  it('sets its own two labels, and takes them off', async () => {
    const name = await cluster.namespace({ team: 'shop', [baseline]: 'none' });
    for (const labels of [
      { [baseline]: 'default-deny' },
      { [baseline]: null },
      { [`${baseline}-status`]: 'pending' },
    ]) {
      const answer = await write(ourselves, 'PATCH', `/api/v1/namespaces/${name}`, { metadata: { labels } });
      expect(answer.status).toBe(200);
    }
  });

  it('writes policies of its own names, none in the plane of the cluster, and no others', async () => {
    const namespace = await cluster.namespace();
    const ours = egressPolicy('netpol-guard-x', []);
    expect((await write(ourselves, 'POST', policyPath(namespace), ours)).status).toBe(201);
    expect(await write(ourselves, 'POST', policyPath(namespace), allowDns)).toMatchObject(refusedBy('fence'));
    for (const place of ['kube-system', 'netpol-guard']) {
      expect(await write(ourselves, 'POST', policyPath(place), ours)).toMatchObject(refusedBy('fence'));
    }
    await cluster.apply(namespace, [allowDns]);
    const foreign = policyPath(namespace, '/allow-dns');
    expect(await write(ourselves, 'DELETE', foreign)).toMatchObject(refusedBy('fence'));
    expect(await write(ourselves, 'PATCH', foreign, { spec: { egress: [] } })).toMatchObject(refusedBy('fence'));
  });
});

describe('who may write the labels of namespaces through their subresources', () => {
  it('lowers nothing there either', async () => {
    const name = `subresource-${randomBytes(4).toString('hex')}`;
    expect((await dana.request('POST', '/api/v1/namespaces', { metadata: { name } })).status).toBe(201);
    const { body } = await dana.request('GET', `/api/v1/namespaces/${name}`);
    const { metadata, ...rest } = body as { metadata: { labels: object } };
    const labels = { ...metadata.labels, 'netpol-guard.io/enforce': 'off' };
    const lowered = { ...rest, metadata: { ...metadata, labels } };
    for (const part of ['status', 'finalize']) {
      const put = (client: ApiClient) =>
        client.request('PUT', `/api/v1/namespaces/${name}/${part}?dryRun=All`, lowered);
      expect(await put(dana)).toMatchObject(refusedBy('opt-out', 'lowering it from standard to off'));
      expect((await put(erin)).status).toBe(200);
    }
  });
});

describe('policies that were rendered from another configuration', () => {
  it('are told by a metric and an Event, until they are not', async () => {
    const [policy] = renderPolicies(CONFIG);
    const renderedFrom = policy?.metadata.annotations['netpol-guard.io/rendered-from'];
    const outdated = (wanted: number) =>
      until(
        `the metric to be ${wanted}`,
        async () =>
          (await cluster.guard.metric('netpol_guard_admission_policies_outdated')) === wanted ? true : undefined,
        40_000,
      );
    cluster.guard.configure({ ...CONFIG, enforce: 'strict', admissionPolicies: { renderedFrom } });
    await outdated(1);
    await until(
      'the Event',
      async () => ((await ourWarnings(cluster.kubectl)).includes('AdmissionPoliciesOutdated') ? true : undefined),
      40_000,
    );
    cluster.guard.configure({ ...CONFIG, admissionPolicies: { renderedFrom } });
    await outdated(0);
  });
});

describe('the command that the documents give for an emergency', () => {
  it('takes every policy out of force, and all webhooks', async () => {
    await openBreakGlass(cluster.address).run('Everything off');
    const kinds = 'validatingadmissionpolicybindings,validatingwebhookconfigurations,mutatingwebhookconfigurations';
    expect((await cluster.kubectl(['get', kinds, '-o', 'name'])).stdout).toBe('');
    await until('the policies to be forgotten', async () =>
      (await create(dana, { name: 'weave' })).status === 201 ? true : undefined,
    );
  });
});
