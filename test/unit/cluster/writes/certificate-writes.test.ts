import { describe, expect, test } from 'vitest';
import { readOwnSecret, replaceOwnSecret } from '../../../../src/cluster/writes/own-secret.ts';
import { isRolledOut } from '../../../../src/cluster/writes/rollout.ts';
import { readWebhookCa, writeWebhookCa } from '../../../../src/cluster/writes/webhook-ca.ts';
import { writeWebhookPaths } from '../../../../src/cluster/writes/webhook-path.ts';
import { type Reply, startScripted } from '../scripted-server.ts';

const soon = () => AbortSignal.timeout(5000);
const SECRET = '/api/v1/namespaces/security/secrets/guard';
const GATE = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/netpol-guard-gate';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const inTurn = (replies: readonly Reply[]) => (_request: unknown, index: number) => replies[index] ?? replies.at(-1);
const CONFLICT: Reply = { code: 409, reason: 'Conflict' };
const NOT_FOUND: Reply = { code: 404, reason: 'NotFound' };
const FORBIDDEN: Reply = { code: 403, reason: 'Forbidden' };

describe('our Secret', () => {
  const metadata = {
    namespace: 'security',
    name: 'guard',
    resourceVersion: '7',
    labels: { a: 'b' },
    managedFields: [{}],
  };
  const stored: Reply = { code: 200, body: { metadata, type: 'Opaque', data: { 'ca.crt': base64('pem') } } };

  test('is read, decoded', async () => {
    const { client } = await startScripted(() => stored);
    expect(await readOwnSecret(client, 'security', 'guard', soon())).toMatchObject({
      data: { 'ca.crt': 'pem' },
      version: '7',
    });
  });

  test('has no data where it is empty, and is undefined where there is none', async () => {
    const { client } = await startScripted(inTurn([{ code: 200, body: { metadata } }, NOT_FOUND]));
    expect(await readOwnSecret(client, 'security', 'guard', soon())).toMatchObject({ data: {} });
    expect(await readOwnSecret(client, 'security', 'guard', soon())).toBeUndefined();
  });

  test('is given other data, all of it, in the version that was read', async () => {
    const { client, seen } = await startScripted(() => stored);
    const secret = await readOwnSecret(client, 'security', 'guard', soon());
    if (secret === undefined) throw new Error('it is there');
    expect(await replaceOwnSecret(client, secret, { 'tls.crt': 'new' }, soon())).toBe('written');
    const { managedFields: _, ...kept } = metadata;
    expect(seen[1]).toMatchObject({ line: `PUT ${SECRET}` });
    expect(seen[1]?.body).toEqual({ metadata: kept, type: 'Opaque', data: { 'tls.crt': base64('new') } });
  });

  test.each([
    ['somebody was faster', CONFLICT, 'conflict'],
    ['it is gone', NOT_FOUND, 'conflict'],
  ])('where %s, that is a conflict', async (_why, reply, outcome) => {
    const { client } = await startScripted(inTurn([stored, reply]));
    const secret = await readOwnSecret(client, 'security', 'guard', soon());
    if (secret === undefined) throw new Error('it is there');
    expect(await replaceOwnSecret(client, secret, {}, soon())).toBe(outcome);
  });

  test('where that is not allowed, it throws', async () => {
    const { client } = await startScripted(inTurn([stored, FORBIDDEN]));
    const secret = await readOwnSecret(client, 'security', 'guard', soon());
    if (secret === undefined) throw new Error('it is there');
    await expect(replaceOwnSecret(client, secret, {}, soon())).rejects.toThrow('Forbidden');
  });
});

describe('the CA of a webhook configuration', () => {
  const gate = { kind: 'ValidatingWebhookConfiguration', name: 'netpol-guard-gate' } as const;
  const stored: Reply = {
    code: 200,
    body: {
      metadata: { name: gate.name, resourceVersion: '9' },
      webhooks: [
        { name: 'gate', clientConfig: { caBundle: base64('pem') } },
        { name: 'other', clientConfig: {} },
      ],
    },
  };

  test('is read from each webhook', async () => {
    const { client } = await startScripted(inTurn([stored, NOT_FOUND]));
    const read = await readWebhookCa(client, gate, soon());
    expect(read?.version).toBe('9');
    expect([...(read?.bundles ?? [])]).toEqual([
      ['gate', 'pem'],
      ['other', ''],
    ]);
    expect(await readWebhookCa(client, gate, soon())).toBeUndefined();
  });

  test('is applied under a field manager of its own, to the webhooks that are there, in the version that was read', async () => {
    const { client, seen } = await startScripted(() => stored);
    const read = await readWebhookCa(client, gate, soon());
    if (read === undefined) throw new Error('it is there');
    expect(await writeWebhookCa(client, read, 'new', soon())).toBe('written');
    expect(seen[1]).toMatchObject({
      line: `PATCH ${GATE}?fieldManager=netpol-guard-ca&force=true`,
      headers: { 'content-type': 'application/apply-patch+yaml' },
    });
    expect(seen[1]?.body).toEqual({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: gate.kind,
      metadata: { name: gate.name, resourceVersion: '9' },
      webhooks: ['gate', 'other'].map((name) => ({ name, clientConfig: { caBundle: base64('new') } })),
    });
  });

  test('where somebody was faster, that is a conflict', async () => {
    const { client } = await startScripted(inTurn([stored, CONFLICT]));
    const read = await readWebhookCa(client, gate, soon());
    if (read === undefined) throw new Error('it is there');
    expect(await writeWebhookCa(client, read, 'new', soon())).toBe('conflict');
  });
});

describe('the paths of a webhook configuration', () => {
  const gate = { kind: 'ValidatingWebhookConfiguration', name: 'netpol-guard-gate' } as const;
  const service = { namespace: 'security', name: 'guard', port: 443 };
  const stored: Reply = {
    code: 200,
    body: {
      metadata: { name: gate.name, resourceVersion: '9' },
      webhooks: [
        { name: 'none', clientConfig: { service } },
        { name: 'plain', clientConfig: { service: { ...service, path: '/gate' } } },
        { name: 'url', clientConfig: { url: 'https://guard.example:8443/gate/x?y=z' } },
        { name: 'nothing' },
      ],
    },
  };

  test('are read from each webhook, by Service or address', async () => {
    const { client } = await startScripted(() => stored);
    expect([...((await readWebhookCa(client, gate, soon()))?.calledAt ?? [])]).toEqual([
      ['none', { by: 'service', path: undefined }],
      ['plain', { by: 'service', path: '/gate' }],
      ['url', { by: 'url', path: '/gate/x' }],
      ['nothing', { by: 'service', path: undefined }],
    ]);
  });

  test('are applied under a field manager of their own, which says nothing else', async () => {
    const { client, seen } = await startScripted(inTurn([stored, stored, CONFLICT]));
    const read = await readWebhookCa(client, gate, soon());
    if (read === undefined) throw new Error('it is there');
    expect(await writeWebhookPaths(client, read, new Map([['none', '/gate/secret']]), soon())).toBe('written');
    expect(seen[1]?.line).toBe(`PATCH ${GATE}?fieldManager=netpol-guard-path&force=true`);
    expect(seen[1]?.body).toEqual({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: gate.kind,
      metadata: { name: gate.name, resourceVersion: '9' },
      webhooks: [{ name: 'none', clientConfig: { service: { path: '/gate/secret' } } }],
    });
    expect(await writeWebhookPaths(client, read, new Map(), soon())).toBe('conflict');
  });

  test('that the API server refuses do not stand in the error', async () => {
    const secret = '0123456789abcdef'.repeat(2);
    const message = `"/gate/${secret}" is no path; Post "https://guard.security.svc:443/gate/${secret}?timeout=5s": no (/api/v1/x)`;
    const { client } = await startScripted(
      inTurn([stored, { code: 422, body: { kind: 'Status', code: 422, reason: 'Invalid', message } }]),
    );
    const read = await readWebhookCa(client, gate, soon());
    if (read === undefined) throw new Error('it is there');
    const error = await writeWebhookPaths(client, read, new Map(), soon()).catch(String);
    expect(error).toContain(
      '"/gate/…" is no path; Post "https://guard.security.svc:443/gate/…?timeout=5s": no (/api/v1/x)',
    );
    expect(error).not.toContain(secret);
  });
});

describe('whether a Deployment is rolled out', () => {
  const asked = async (reply: Reply) => {
    const { client, seen } = await startScripted(() => reply);
    const answer = await isRolledOut(client, 'security', 'guard', soon());
    expect(seen[0]?.line).toBe('GET /apis/apps/v1/namespaces/security/deployments/guard');
    return answer;
  };
  const deployment = (status: object, generation = 3): Reply => ({
    code: 200,
    body: { metadata: { generation }, status },
  });
  const done = { observedGeneration: 3, replicas: 3, updatedReplicas: 3 };

  test.each([
    ['every pod is of the present template', done, true],
    ['one of them is not ready', { ...done, readyReplicas: 2, unavailableReplicas: 1 }, true],
    ['there are none', { observedGeneration: 3 }, true],
    ['the controller has not seen it yet', { ...done, observedGeneration: 2 }, false],
    ['a pod of another template is there', { ...done, replicas: 4 }, false],
    ['a pod is on its way out', { ...done, terminatingReplicas: 1 }, false],
    ['nobody has looked at it', {}, false],
  ])('it is said where %s: %j, %s', async (_what, status, is) => {
    expect(await asked(deployment(status))).toBe(is);
  });

  test('it is so where there is none, and never known where it may not be read', async () => {
    expect(await asked(NOT_FOUND)).toBe(true);
    expect(await asked(FORBIDDEN)).toBe(false);
    await expect(asked({ code: 500, reason: 'InternalError' })).rejects.toThrow('InternalError');
  });
});
