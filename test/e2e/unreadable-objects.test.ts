import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WITH_BASELINE } from './harness/baseline.ts';
import { ACCOUNT, podObject } from './harness/burst.ts';
import { policyWrites } from './harness/slow-proxy.ts';
import { startWorld, type World } from './harness/world.ts';

let world: World;
let pending: string;

// The baseline of a namespace takes longer than the tests, so that each pod comes before it.
beforeAll(async () => {
  world = await startWorld({ config: WITH_BASELINE, delayOf: policyWrites(60_000) });
  await world.leader();
  pending = await world.namespace();
  expect(await world.api.request('POST', `/api/v1/namespaces/${pending}/serviceaccounts`, ACCOUNT)).toMatchObject({
    status: 201,
  });
});
afterAll(() => world.stop());

/** What submitters write is passed on as it came, under whatever name they say. */
const withFields = (object: object, fields: string): Uint8Array => {
  const managed = { manager: 'them', operation: 'Update', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: 'HERE' };
  const { metadata, ...rest } = object as { metadata: object };
  const text = JSON.stringify({ ...rest, metadata: { ...metadata, managedFields: [managed] } });
  return Buffer.from(text.replace('"HERE"', fields), 'latin1');
};
const NESTED = `${'{"f:a":'.repeat(1600)}{}${'}'.repeat(1600)}`;

describe('whatever its writer makes of an object, a webhook can read it', () => {
  const create = (object: object | Uint8Array) =>
    world.api.request('POST', `/api/v1/namespaces/${pending}/pods`, object);
  const large = () => {
    const { spec, ...rest } = podObject('large') as { spec: { containers: object[] } };
    const containers = [{ ...spec.containers[0], env: [{ name: 'A', value: '<'.repeat(1_300_000) }] }];
    return { ...rest, spec: { ...spec, containers } };
  };

  it.each<[string, () => object | Uint8Array]>([
    ['is ordinary', () => podObject('web')],
    ['has managed fields nested deeper than any object', () => withFields(podObject('deep'), NESTED)],
    ['has managed fields that are not UTF-8', () => withFields(podObject('bytes'), '{"f:\xff":{}}')],
    ['is six times as large once Go has written it as JSON', large],
  ])('a pod that %s is held back until the baseline stands', async (_, pod) => {
    expect(await create(pod())).toMatchObject({ status: 429 });
  });

  it('a namespace with managed fields nested deeper than any object is born with its labels', async () => {
    const object = withFields({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'deep' } }, NESTED);
    expect(await world.api.request('POST', '/api/v1/namespaces', object)).toMatchObject({ status: 201 });
    const born = await world.api.get<{ metadata: { labels: object } }>('/api/v1/namespaces/deep');
    expect(born.metadata.labels).toMatchObject({ 'netpol-guard.io/baseline-status': 'pending' });
  });

  it('a finalizer comes off a policy that is many times as large once Go has written it as JSON', async () => {
    const namespace = await world.namespace();
    const path = `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies`;
    const policy = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'kept', finalizers: ['example.com/keep'] },
      spec: { podSelector: { matchLabels: { app: 'none' } }, policyTypes: ['Ingress'] },
    };
    const body = withFields(policy, `{"f:${'<'.repeat(1_000_000)}":{}}`);
    expect(await world.api.request('POST', path, body)).toMatchObject({ status: 201 });
    expect(await world.api.request('DELETE', `${path}/kept`)).toMatchObject({ status: 200 });
    const lift = { metadata: { finalizers: null } };
    const answer = await world.api.request('PATCH', `${path}/kept`, lift, 'application/merge-patch+json');
    expect(answer).toMatchObject({ status: 200 });
    expect(await world.api.request('GET', `${path}/kept`)).toMatchObject({ status: 404 });
  });

  it('a namespace of thousands of labels is born with those of its baseline', async () => {
    const labels = Object.fromEntries(Array.from({ length: 15_000 }, (_, i) => [`a${i}`, '']));
    const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'many', labels } };
    expect(await world.api.request('POST', '/api/v1/namespaces', object)).toMatchObject({ status: 201 });
    const born = await world.api.get<{ metadata: { labels: object } }>('/api/v1/namespaces/many');
    expect(born.metadata.labels).toMatchObject({
      'netpol-guard.io/baseline': 'default-deny',
      'netpol-guard.io/baseline-status': 'pending',
    });
    const relabelled = { metadata: { labels: { a0: 'b' } } };
    const path = '/api/v1/namespaces/many';
    expect(await world.api.request('PATCH', path, relabelled, 'application/merge-patch+json')).toMatchObject({
      status: 200,
    });
  });
});
