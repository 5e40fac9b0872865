import { describe, expect, test } from 'vitest';
import { ApiError } from '../../../../src/cluster/api/api-error.ts';
import {
  applyPolicy,
  deletePolicy,
  isNamespaceTerminating,
  patchNamespaceLabels,
} from '../../../../src/cluster/writes/apply.ts';
import { readOrInitialise } from '../../../../src/cluster/writes/config-map.ts';
import { type Reply, startScripted } from '../scripted-server.ts';

const soon = () => AbortSignal.timeout(5000);
const POLICY = '/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies/netpol-guard-allow-dns';
const NAMESPACE = '/api/v1/namespaces/shop';
const CONFIG_MAP = '/api/v1/namespaces/guard/configmaps/netpol-guard';

const CONFLICT: Reply = { code: 409, reason: 'Conflict' };
const NOT_FOUND: Reply = { code: 404, reason: 'NotFound' };

/** Answers in the order given, the last one for ever. */
const inTurn = (replies: readonly Reply[]) => (_request: unknown, index: number) => replies[index] ?? replies.at(-1);

const OURS = [{ manager: 'netpol-guard', operation: 'Apply', fieldsV1: {} }];

function stored(version: string, managedFields: unknown = OURS): Reply {
  return { code: 200, body: { metadata: { uid: 'u-1', resourceVersion: version, managedFields } } };
}

describe('applyPolicy', () => {
  const spec = { podSelector: {}, policyTypes: ['Egress'], egress: [{ ports: [{ port: 53 }], to: [] }], ingress: [] };
  const asServed = { podSelector: {}, policyTypes: ['Egress'], egress: [{ ports: [{ port: 53, protocol: 'TCP' }] }] };
  const policy = {
    namespace: 'shop',
    name: 'netpol-guard-allow-dns',
    labels: { a: 'b' },
    annotations: { c: 'd' },
    spec,
  };

  test('states what the policy says, once, where that is what comes of it', async () => {
    const { client, seen } = await startScripted(() => ({ code: 200, body: { spec: asServed } }));
    expect(await applyPolicy(client, policy, soon())).toEqual({ spec: asServed });
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({
      line: `PATCH ${POLICY}?fieldManager=netpol-guard&force=true`,
      headers: { 'content-type': 'application/apply-patch+yaml' },
      body: {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: { namespace: 'shop', name: 'netpol-guard-allow-dns', labels: { a: 'b' }, annotations: { c: 'd' } },
      },
    });
    expect(seen[0]?.body).toHaveProperty('spec', asServed);
  });

  test('states every list, empty ones too, where something of others is left', async () => {
    const more = { code: 200, body: { spec: { ...asServed, ingress: [{}] } } };
    const { client, seen } = await startScripted(inTurn([more, { code: 200, body: { spec: asServed } }]));
    expect(await applyPolicy(client, policy, soon())).toEqual({ spec: asServed });
    expect(seen).toHaveLength(2);
    expect(seen[1]?.body).toHaveProperty('spec', { ...asServed, ingress: [] });
  });

  test('tries no third time, and returns what stands, where it does not come out as wanted', async () => {
    const other = { code: 200, body: { spec: { ...asServed, ingress: [{}] } } };
    const { client, seen } = await startScripted(() => other);
    expect(await applyPolicy(client, policy, soon())).toEqual(other.body);
    expect(seen).toHaveLength(2);
  });
});

describe('deletePolicy', () => {
  const remove = (replies: readonly Reply[]) =>
    startScripted(inTurn(replies)).then(async ({ client, seen }) => ({
      result: await deletePolicy(client, 'shop', 'netpol-guard-allow-dns', soon()).catch((error: unknown) => error),
      seen: seen.map(({ line, body }) => [line, body]),
    }));
  const read = [`GET ${POLICY}`, undefined];
  const deletion = (resourceVersion: string) => [
    `DELETE ${POLICY}`,
    { preconditions: { uid: 'u-1', resourceVersion } },
  ];

  test('deletes the very version that it has looked at', async () => {
    expect(await remove([stored('7'), { code: 200, body: {} }])).toEqual({
      result: 'deleted',
      seen: [read, deletion('7')],
    });
  });

  test.each([
    ['nobody', null],
    ['others', [{ manager: 'kubectl', operation: 'Apply' }]],
    ['our label patches alone', [{ manager: 'netpol-guard', operation: 'Update' }]],
    ['a manager without a name', [{}, null]],
  ])('deletes nothing that was written by %s', async (_, managedFields) => {
    expect(await remove([stored('7', managedFields)])).toEqual({ result: 'not-ours', seen: [read] });
  });

  test('looks again where the policy changed meanwhile, and leaves alone what is ours no more', async () => {
    expect(await remove([stored('7'), CONFLICT, stored('8'), { code: 200, body: {} }])).toEqual({
      result: 'deleted',
      seen: [read, deletion('7'), read, deletion('8')],
    });
    expect(await remove([stored('7'), CONFLICT, stored('8', [])])).toMatchObject({ result: 'not-ours' });
  });

  test('takes a policy for absent that went before, or meanwhile', async () => {
    expect(await remove([NOT_FOUND])).toEqual({ result: 'absent', seen: [read] });
    expect(await remove([stored('7'), NOT_FOUND])).toMatchObject({ result: 'absent' });
  });

  test('gives up, for another time, where it never holds still, and where it is refused', async () => {
    const restless = await remove([stored('7'), CONFLICT, stored('8'), CONFLICT, stored('9'), CONFLICT, stored('10')]);
    expect(restless.result).toMatchObject({ code: 409 });
    expect(restless.seen).toHaveLength(6);
    expect((await remove([{ code: 403, reason: 'Forbidden' }])).result).toMatchObject({ code: 403 });
  });
});

describe('patchNamespaceLabels', () => {
  const operations = [{ op: 'remove', path: '/metadata/labels/a' }] as const;

  test.each<[string, Reply]>([
    ['patched', { code: 200, body: {} }],
    ['absent', NOT_FOUND],
    ['conflict', CONFLICT],
    ['conflict', { code: 422, reason: 'Invalid' }],
  ])('is %s', async (result, reply) => {
    const { client, seen } = await startScripted(() => reply);
    expect(await patchNamespaceLabels(client, 'shop', operations, soon())).toBe(result);
    expect(seen).toMatchObject([
      {
        line: `PATCH ${NAMESPACE}?fieldManager=netpol-guard`,
        headers: { 'content-type': 'application/json-patch+json' },
        body: operations,
      },
    ]);
  });

  test.each<Reply>([
    { code: 422, reason: 'Invalid', details: { kind: 'Namespace', causes: [{ reason: 'FieldValueInvalid' }] } },
    { code: 403, reason: 'Forbidden' },
    { code: 500, reason: 'InternalError' },
  ])('throws what it is refused for else: $code', async (reply) => {
    const { client } = await startScripted(() => reply);
    await expect(patchNamespaceLabels(client, 'shop', operations, soon())).rejects.toMatchObject({ code: reply.code });
  });
});

test.each([
  [true, 403, { causes: [{ reason: 'NamespaceTerminating' }] }],
  [true, 404, { kind: 'namespaces' }],
  [false, 404, { kind: 'networkpolicies' }],
  [false, 403, {}],
  [false, 409, {}],
])('isNamespaceTerminating is %s of %i %j', (expected, code, details) => {
  expect(isNamespaceTerminating(new ApiError('x', code, { details }))).toBe(expected);
});

test('isNamespaceTerminating fails for what no API server said', () => {
  for (const error of [undefined, 'NamespaceTerminating', new Error('404')]) {
    expect(isNamespaceTerminating(error)).toBe(false);
  }
});

describe('readOrInitialise', () => {
  const SINCE = { namespace: 'guard', name: 'netpol-guard', key: 'since' };
  const read = (replies: readonly Reply[]) =>
    startScripted(inTurn(replies)).then(async ({ client, seen }) => ({
      result: await readOrInitialise(client, SINCE, 'mine', soon()).catch((error: unknown) => error),
      seen,
    }));
  const holding = (resourceVersion: string, data?: object): Reply => ({
    code: 200,
    body: { metadata: { resourceVersion }, data },
  });

  test('returns what stands, and writes nothing', async () => {
    const { result, seen } = await read([holding('1', { since: 'theirs' })]);
    expect([result, seen.map(({ line }) => line)]).toEqual(['theirs', [`GET ${CONFIG_MAP}`]]);
  });

  test.each([
    ['no data', undefined],
    ['other keys', { other: 'x' }],
    ['an empty value', { since: '' }],
  ])('writes where it finds %s, over the version that it has read', async (_, data) => {
    const { result, seen } = await read([holding('4', data), { code: 200, body: {} }]);
    expect(result).toBe('mine');
    expect(seen[1]).toMatchObject({
      line: `PATCH ${CONFIG_MAP}`,
      headers: { 'content-type': 'application/merge-patch+json' },
      body: { metadata: { resourceVersion: '4' }, data: { since: 'mine' } },
    });
  });

  test('returns the value of whoever was faster', async () => {
    expect((await read([holding('4'), CONFLICT, holding('5', { since: 'theirs' })])).result).toBe('theirs');
  });

  test('gives up where it is never the last to write, and where there is no ConfigMap', async () => {
    const restless = await read(Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? holding(String(i)) : CONFLICT)));
    expect([restless.result, restless.seen.length]).toEqual([expect.objectContaining({ code: 409 }), 10]);
    expect((await read([NOT_FOUND])).result).toMatchObject({ code: 404 });
  });
});
