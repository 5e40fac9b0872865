import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { applyPolicies, removePolicies, renderPolicies } from '../harness/admission-policies.ts';
import { connect } from '../harness/connected.ts';
import { creatorsOf, refusedBy } from '../harness/creators.ts';
import { allowDns, policyPath } from '../harness/policies.ts';
import { OURSELVES } from '../harness/release.ts';

const BASELINE = 'netpol-guard.io/baseline';

/** The policies alone: what the controller itself would not do, it is asked to do here. */
const cluster = connect(inject('controlPlane'));
const { furnish } = creatorsOf(cluster);
const ourselves = cluster.clientOf(OURSELVES);

beforeAll(furnish);
afterAll(() => cluster.close());

const { spec: opensDns } = allowDns as { readonly spec: object };
const lockdown = { podSelector: {}, policyTypes: ['Ingress', 'Egress'] };
const egressLockdown = { podSelector: {}, policyTypes: ['Egress'] };

const write = (namespace: string, name: string, spec: object) =>
  ourselves.request('POST', policyPath(namespace, '?dryRun=All'), { metadata: { name: `netpol-guard-${name}` }, spec });

const label = (namespace: string, template: string | null) =>
  ourselves.request(
    'PATCH',
    `/api/v1/namespaces/${namespace}?dryRun=All`,
    { metadata: { labels: { [BASELINE]: template } } },
    'application/merge-patch+json',
  );

describe.each(['deny', 'repair'])("netpol-guard's own account, with dnsBlocked.onWrite: %s", (onWrite) => {
  let dns = '';
  let exempt = '';
  let chosen = '';

  beforeAll(async () => {
    dns = await cluster.namespace({ [BASELINE]: 'default-deny' });
    exempt = await cluster.namespace();
    chosen = await cluster.namespace({ [BASELINE]: 'default-deny' });
    const config = {
      dnsBlocked: { onWrite },
      dns: { namespaces: ['kube-system', dns] },
      exemptions: { namespaces: [exempt, chosen] },
      baseline: { excludedNamespaces: [exempt, chosen] },
    };
    await applyPolicies(renderPolicies(config), cluster.kubectl, ourselves);
  });
  afterAll(() => removePolicies(cluster.kubectl, ourselves));

  it('locks nothing down where DNS is, whatever the policy is called', async () => {
    const refused = refusedBy('fence', 'into DNS namespaces');
    expect(await write(dns, 'default-deny', lockdown)).toMatchObject(refused);
    expect(await write(dns, 'dns-for-web', lockdown)).toMatchObject(refused);
    expect(await write(dns, 'dns-for-web', egressLockdown)).toMatchObject(refused);
    expect(await write(dns, 'dns-for-web', opensDns)).toMatchObject(onWrite === 'repair' ? { status: 201 } : refused);
  });

  it('follows a repair that stands there, and takes it away', async () => {
    const name = 'netpol-guard-dns-for-stood';
    const path = policyPath(dns, `/${name}`);
    const stored = { metadata: { name }, spec: opensDns };
    expect((await cluster.api.request('POST', policyPath(dns), stored)).status).toBe(201);
    const change = (spec: object) =>
      ourselves.request('PATCH', `${path}?dryRun=All`, { spec }, 'application/merge-patch+json');
    expect((await change({ podSelector: { matchLabels: { app: 'web' } } })).status).toBe(200);
    expect(await change({ egress: null })).toMatchObject(refusedBy('fence', 'into DNS namespaces'));
    expect((await ourselves.request('DELETE', path)).status).toBe(200);
  });

  it('brings an exempt namespace the baseline that its label names, and nothing else', async () => {
    const refused = refusedBy('fence', 'into exempt namespaces');
    expect(await write(exempt, 'default-deny', lockdown)).toMatchObject(refused);
    expect(await write(exempt, 'dns-for-web', opensDns)).toMatchObject(refused);
    expect((await write(chosen, 'default-deny', lockdown)).status).toBe(201);
    expect(await write(chosen, 'dns-for-web', opensDns)).toMatchObject(refused);
  });

  it('writes no such label there', async () => {
    const refused = refusedBy('fence', `not change the label ${BASELINE}`);
    expect(await label(exempt, 'default-deny')).toMatchObject(refused);
    expect(await label(dns, null)).toMatchObject(refused);
    expect(await label('kube-system', 'default-deny')).toMatchObject(refused);
    expect((await label(await cluster.namespace(), 'default-deny')).status).toBe(200);
  });
});
