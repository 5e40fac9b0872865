import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { applyPolicies, removePolicies, renderPolicies } from '../harness/admission-policies.ts';
import { connect } from '../harness/connected.ts';
import { creatorsOf, refusedBy } from '../harness/creators.ts';
import type { GuardOptions } from '../harness/guard.ts';
import { LOWERINGS_OF_BASELINE, LOWERINGS_OF_ENFORCE, type Lowering } from '../harness/lowerings.ts';
import { OURSELVES } from '../harness/release.ts';

const ENFORCE = 'netpol-guard.io/enforce';
const BASELINE = 'netpol-guard.io/baseline';
const STATUS = 'netpol-guard.io/baseline-status';

/** The policies alone: no webhook puts a label back that was dropped, or adds one. */
const cluster = connect(inject('controlPlane'));
const { dana, erin, furnish } = creatorsOf(cluster);
const ourselves = cluster.clientOf(OURSELVES);

beforeAll(furnish);
afterAll(() => cluster.close());

type Value = string | undefined;
/** Stands for the label of a namespace that is not there yet. */
const BORN = '(born)';

const labelled = (key: string, value: Value) => (value === undefined ? {} : { [key]: value });

/** Applies the policies of a configuration to the cases of one group. */
function under(config: NonNullable<GuardOptions['config']>): void {
  beforeAll(() => applyPolicies(renderPolicies(config), cluster.kubectl, ourselves));
  afterAll(() => removePolicies(cluster.kubectl, ourselves));
}

/** What a change of one label comes to, for somebody without the verb; nothing before is a namespace that is new. */
async function changed(key: string, before: Value, after: Value, client = dana) {
  if (before === BORN) {
    const metadata = { name: `born-${randomBytes(4).toString('hex')}`, labels: labelled(key, after) };
    return client.request('POST', '/api/v1/namespaces?dryRun=All', { metadata });
  }
  const name = await cluster.namespace(labelled(key, before));
  const body = { metadata: { labels: { [key]: after ?? null, team: 'shop' } } };
  return client.request('PATCH', `/api/v1/namespaces/${name}?dryRun=All`, body, 'application/merge-patch+json');
}

const REFUSED = refusedBy('opt-out', 'ask a cluster admin');

async function expectVerdict(key: string, before: Value, after: Value, isLowering: boolean): Promise<void> {
  const answer = await changed(key, before, after);
  if (isLowering) {
    expect(answer).toMatchObject(REFUSED);
    expect((await changed(key, before, after, erin)).status).toBeLessThan(300);
  } else expect([answer.status, key, before, after]).toEqual([before === BORN ? 201 : 200, key, before, after]);
}

describe('under the defaults', () => {
  under({ baseline: { template: 'default-deny' } });

  it.each<Lowering>([
    ...LOWERINGS_OF_ENFORCE,
    [BORN, 'off', true],
    [BORN, 'standard', false],
    [BORN, 'strict', false],
    [BORN, undefined, false],
  ])('enforce from %s to %s is a lowering: %s', (before, after, isLowering) =>
    expectVerdict(ENFORCE, before, after, isLowering),
  );

  it.each<Lowering>([
    ...LOWERINGS_OF_BASELINE,
    [undefined, 'none', true],
    [undefined, '', true],
    [undefined, 'no-such-template', true],
    [undefined, 'default-deny-ingress', true],
    [undefined, 'default-deny', false],
    [undefined, undefined, false],
    ['default-deny', 'default-deny', false],
    [BORN, 'none', true],
    [BORN, '', true],
    [BORN, 'default-deny-ingress', true],
    [BORN, 'default-deny', false],
    [BORN, undefined, false],
  ])('the template from %s to %s is a lowering: %s', (before, after, isLowering) =>
    expectVerdict(BASELINE, before, after, isLowering),
  );

  it.each<Lowering>([
    ['pending', undefined, true],
    [undefined, 'pending', true],
    ['pending', 'done', true],
    ['pending', 'pending', false],
    [BORN, 'done', true],
    [BORN, 'pending', false],
  ])('the status from %s to %s is for netpol-guard alone: %s', (before, after, isLowering) =>
    expectVerdict(STATUS, before, after, isLowering),
  );

  it('netpol-guard itself sets and takes off what is its own', async () => {
    expect((await changed(STATUS, 'pending', undefined, ourselves)).status).toBe(403);
    const name = await cluster.namespace({ [STATUS]: 'pending' });
    const body = { metadata: { labels: { [STATUS]: null, [BASELINE]: 'default-deny' } } };
    const path = `/api/v1/namespaces/${name}?dryRun=All`;
    expect((await ourselves.request('PATCH', path, body, 'application/merge-patch+json')).status).toBe(200);
  });

  it('a namespace that is being deleted is left alone', async () => {
    const name = await cluster.namespace({ [ENFORCE]: 'strict' });
    const held = {
      ...{ apiVersion: 'v1', kind: 'ConfigMap' },
      metadata: { name: 'held', finalizers: ['example.com/x'] },
    };
    await cluster.apply(name, [held]);
    await cluster.kubectl(['delete', 'namespace', name, '--wait=false']);
    const path = `/api/v1/namespaces/${name}?dryRun=All`;
    const body = { metadata: { labels: { [ENFORCE]: 'off' } } };
    expect((await dana.request('PATCH', path, body, 'application/merge-patch+json')).status).toBe(200);
    await cluster.kubectl([
      'patch',
      'configmap',
      'held',
      '-n',
      name,
      '--type=merge',
      '-p',
      '{"metadata":{"finalizers":null}}',
    ]);
  });

  it('all that is lowered at once is told one after another', async () => {
    const name = await cluster.namespace({ [ENFORCE]: 'strict', [BASELINE]: 'default-deny' });
    const body = { metadata: { labels: { [ENFORCE]: 'off', [BASELINE]: 'none' } } };
    const path = `/api/v1/namespaces/${name}?dryRun=All`;
    const answer = await dana.request('PATCH', path, body, 'application/merge-patch+json');
    expect(answer).toMatchObject(refusedBy('opt-out', `label ${ENFORCE}: lowering it from strict to off needs the `));
  });
});

describe('where the default is strict, and old namespaces are adopted', () => {
  under({ enforce: 'strict', baseline: { template: 'default-deny', existingNamespaces: 'adopt' } });

  it.each<[string, Value, Value, boolean]>([
    [ENFORCE, BORN, 'standard', true],
    [ENFORCE, undefined, 'standard', true],
    [ENFORCE, 'off', 'standard', false],
    [BASELINE, undefined, 'none', true],
    [BASELINE, undefined, 'default-deny', false],
    [BASELINE, 'default-deny', undefined, true],
    [BASELINE, 'default-deny-ingress', undefined, true],
  ])('%s from %s to %s is a lowering: %s', expectVerdict);
});

describe('where nothing is enforced by default, and no namespace gets a baseline', () => {
  under({ enforce: 'off', baseline: { template: 'none' } });

  it.each<[string, Value, Value, boolean]>([
    [ENFORCE, BORN, 'off', false],
    [ENFORCE, undefined, 'off', false],
    [ENFORCE, 'standard', undefined, true],
    [BASELINE, BORN, 'none', false],
    [BASELINE, BORN, 'default-deny', false],
    [BASELINE, 'default-deny', 'none', true],
    [BASELINE, undefined, 'none', false],
    [BASELINE, undefined, 'default-deny-ingress', false],
  ])('%s from %s to %s is a lowering: %s', expectVerdict);
});
