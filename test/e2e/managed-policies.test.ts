import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { ApiClient } from '../harness/api-client.ts';
import { ALLOW_DNS, DEFAULT_DENY, DEFAULT_POLICIES, specsIn, untilSpecs, WITH_BASELINE } from '../harness/baseline.ts';
import { CREATORS, creatorsOf, refusedBy } from '../harness/creators.ts';
import { useCluster } from '../harness/fixture.ts';
import { startGuard } from '../harness/guard.ts';
import { egressPolicy, policyPath } from '../harness/policies.ts';
import { netpolGuard } from '../harness/program.ts';
import { registerWebhooks } from '../harness/webhooks.ts';

const MERGE = 'application/merge-patch+json';
const BASELINE = 'netpol-guard.io/baseline';
const MANAGED_BY = 'app.kubernetes.io/managed-by';

const cluster = useCluster({ config: { ...WITH_BASELINE, exemptions: { users: ['restore'], groups: ['helpers'] } } });
const { dana, erin, furnish } = creatorsOf(cluster);

beforeAll(furnish);

/** A namespace with its baseline in place. */
async function settled(): Promise<string> {
  const namespace = await cluster.namespace();
  await untilSpecs(cluster, namespace);
  return namespace;
}

const patch = (client: ApiClient, namespace: string, name: string, body: object) =>
  client.request('PATCH', policyPath(namespace, `/${name}?dryRun=All`), body, MERGE);

const patchForGood = (client: ApiClient, namespace: string, name: string, body: object) =>
  client.request('PATCH', policyPath(namespace, `/${name}`), body, MERGE);

const remove = (client: ApiClient, namespace: string, rest: string) =>
  client.request('DELETE', policyPath(namespace, `${rest}?dryRun=All`));

/** Changes that nobody may make but those who have the verb. */
const REFUSED = [
  ['an owner', { metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: 'x' }] } }],
  ['a finalizer', { metadata: { finalizers: ['example.com/held'] } }],
  ['the loss of its record', { metadata: { managedFields: [{}] } }],
] as const;

describe('a managed policy', () => {
  it('is deleted by nobody without the verb, one by one or all at once', async () => {
    const namespace = await settled();
    for (const rest of [`/${DEFAULT_DENY}`, `/${ALLOW_DNS}`, '']) {
      expect(await remove(dana, namespace, rest)).toMatchObject(refusedBy('baseline', '(template default-deny)'));
    }
  });

  it.each(REFUSED)('is not given %s', async (_, change) => {
    const namespace = await settled();
    for (const name of [DEFAULT_DENY, ALLOW_DNS]) {
      expect(await patch(dana, namespace, name, change)).toMatchObject(refusedBy('baseline'));
    }
  });

  it('may be written as it is: labels, annotations, a restore', async () => {
    const namespace = await settled();
    const metadata = { labels: { team: 'shop', [MANAGED_BY]: null }, annotations: { note: 'yes' } };
    expect((await patch(dana, namespace, DEFAULT_DENY, { metadata })).status).toBe(200);
    const path = policyPath(namespace, `/${ALLOW_DNS}`);
    const stored = await dana.get<object>(path);
    expect((await dana.request('PUT', `${path}?dryRun=All`, stored)).status).toBe(200);
  });

  it('is left to the webhook where its spec changes: what the template says passes, and nothing else', async () => {
    const namespace = await settled();
    const opened = await patch(dana, namespace, DEFAULT_DENY, { spec: { egress: [{}] } });
    expect(opened).toMatchObject({
      status: 403,
      body: { message: expect.stringContaining('admission webhook "policies.netpol-guard.io" denied') },
    });
  });

  it('is open to those who may lower what is enforced, as far as the API server is concerned', async () => {
    const namespace = await settled();
    await cluster.kubectl(['label', 'namespace', namespace, '--overwrite', 'netpol-guard.io/enforce=off']);
    expect((await remove(dana, namespace, `/${DEFAULT_DENY}`)).status).toBe(200);
    const other = await settled();
    for (const [user, groups] of [
      ['restore', []],
      ['anybody', ['helpers']],
    ] as const) {
      const exempt = cluster.clientOf(user, [CREATORS, ...groups]);
      expect(await remove(exempt, other, `/${DEFAULT_DENY}`)).toMatchObject({ status: 200 });
      expect((await patch(exempt, other, DEFAULT_DENY, REFUSED[1][1])).status).toBe(200);
    }
    // The verb opens the API server's door; the webhook's has another key, the configuration.
    expect(await patch(erin, other, DEFAULT_DENY, { metadata: { finalizers: ['example.com/too'] } })).toMatchObject({
      status: 403,
      body: { message: expect.stringContaining('admission webhook "policies.netpol-guard.io" denied') },
    });
  });
});

describe('what is not kept', () => {
  it('may go: in a namespace that has opted out, under a name that no template has, with a stray label', async () => {
    const out = await cluster.namespace({ [BASELINE]: 'none' });
    const kept = await settled();
    const policies = [DEFAULT_DENY, 'netpol-guard-other'].map((name) =>
      egressPolicy(name, [{ to: [{ podSelector: {} }] }]),
    );
    const stray = {
      ...egressPolicy('stray', []),
      metadata: { name: 'stray', labels: { [MANAGED_BY]: 'netpol-guard' } },
    };
    const restore = cluster.clientOf('restore', [CREATORS]);
    for (const [namespace, object] of [
      [out, policies[0]],
      [kept, policies[1]],
      [kept, stray],
    ] as const) {
      expect(await restore.request('POST', policyPath(namespace), object)).toMatchObject({ status: 201 });
    }
    expect((await remove(dana, out, `/${DEFAULT_DENY}`)).status).toBe(200);
    expect((await remove(dana, kept, '/netpol-guard-other')).status).toBe(200);
    expect((await remove(dana, kept, '/stray')).status).toBe(200);
    expect(await patch(dana, kept, 'stray', { metadata: { labels: { [MANAGED_BY]: null } } })).toMatchObject({
      status: 200,
    });
  });
});

describe('a namespace that is deleted', () => {
  it('takes its baseline with it, by the hands of the namespace controller', async () => {
    const namespace = await settled();
    expect(await cluster.kubectl(['delete', 'namespace', namespace, '--timeout=60s'])).toMatchObject({ status: 0 });
  });
});

describe('while no replica answers', () => {
  let namespace: string;
  beforeAll(async () => {
    namespace = await settled();
    await cluster.guard.process.stop('SIGKILL');
  });
  afterAll(async () => {
    const config = { ...WITH_BASELINE };
    const guard = await startGuard(inject('bundle'), cluster.address, cluster.kubectl, { config });
    await registerWebhooks(guard, 'url', cluster.kubectl, cluster.api);
    await untilSpecs(cluster, namespace);
    await guard.process.stop('SIGKILL');
  });

  it('a tenant can neither delete the baseline nor change it', async () => {
    for (const rest of [`/${DEFAULT_DENY}`, `/${ALLOW_DNS}`, '']) {
      expect(await dana.request('DELETE', policyPath(namespace, rest))).toMatchObject(refusedBy('baseline'));
    }
    for (const [, change] of REFUSED) {
      expect(await patchForGood(dana, namespace, DEFAULT_DENY, change)).toMatchObject(refusedBy('baseline'));
    }
    const opened = await patchForGood(dana, namespace, DEFAULT_DENY, { spec: { egress: [{}] } });
    expect(opened).toMatchObject({ status: 500, body: { message: expect.stringContaining('failed calling webhook') } });
    expect(Object.keys(await specsIn(cluster, namespace))).toEqual(Object.keys(DEFAULT_POLICIES));
  });

  it('labels lower nothing, and names exempt nobody', async () => {
    const labels = { [BASELINE]: 'none' };
    const path = `/api/v1/namespaces/${namespace}?dryRun=All`;
    expect(await dana.request('PATCH', path, { metadata: { labels } }, MERGE)).toMatchObject(refusedBy('opt-out'));
    const born = await dana.request('POST', '/api/v1/namespaces?dryRun=All', { metadata: { name: 'openshift-x' } });
    expect(born).toMatchObject(refusedBy('names'));
  });

  it('the verb is the way out, and the command that cleans up has it with its admin', async () => {
    expect((await remove(erin, namespace, `/${DEFAULT_DENY}`)).status).toBe(200);
    const { status, stdout } = await netpolGuard(['cleanup', '--delete-baseline'], cluster.address.kubeconfig);
    expect({ status, cleaned: stdout.includes(`${namespace}/${DEFAULT_DENY}: deleted`) }).toEqual({
      status: 0,
      cleaned: true,
    });
    expect(await specsIn(cluster, namespace)).toEqual({});
  });
});
