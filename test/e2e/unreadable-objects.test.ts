import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WITH_BASELINE } from '../harness/baseline.ts';
import { ACCOUNT, podObject } from '../harness/burst.ts';
import { policyWrites } from '../harness/slow-proxy.ts';
import { startWorld, type World } from '../harness/world.ts';

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

describe('what a webhook cannot read is refused, and not left to a failurePolicy of Ignore', () => {
  const create = (object: object | Uint8Array) =>
    world.api.request('POST', `/api/v1/namespaces/${pending}/pods`, object);

  it('an ordinary pod is held back', async () => {
    expect(await create(podObject('web'))).toMatchObject({ status: 429 });
  });

  it('a pod whose managed fields are nested deeper than any object is', async () => {
    const answer = await create(withFields(podObject('deep'), NESTED));
    expect(answer).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('nests lists and objects') },
    });
  });

  it('a pod whose managed fields are not UTF-8', async () => {
    const answer = await create(withFields(podObject('bytes'), '{"f:\xff":{}}'));
    expect(answer).toMatchObject({ status: 400, body: { message: expect.stringContaining('not valid UTF-8') } });
  });

  it('a pod that is larger than a webhook reads, once Go has written it as JSON', async () => {
    const { spec, ...rest } = podObject('large') as { spec: { containers: object[] } };
    const containers = [{ ...spec.containers[0], env: [{ name: 'A', value: '<'.repeat(1_300_000) }] }];
    const answer = await create({ ...rest, spec: { ...spec, containers } });
    expect(answer).toMatchObject({ status: 413, body: { message: expect.stringContaining('is larger than') } });
  });

  it('a namespace that would be born without its labels', async () => {
    const object = withFields({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'deep' } }, NESTED);
    const answer = await world.api.request('POST', '/api/v1/namespaces', object);
    expect(answer).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('nests lists and objects') },
    });
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
