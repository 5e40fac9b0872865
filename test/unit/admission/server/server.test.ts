import { expect, test, vi } from 'vitest';
import { createPolicyHandler } from '../../../../src/admission/handlers/policies.ts';
import { PutOff } from '../../../../src/admission/review/bad-request.ts';
import { readLargeReview } from '../../../../src/admission/review/read-review.ts';
import { allowed } from '../../../../src/admission/review/response.ts';
import { NETWORK_POLICY } from '../../../../src/policy/dialects/network-policy/dialect.ts';
import { UID } from '../../../harness/admission-review.ts';
import { clock, finding, judging, policy, post, recorder, review, serverOf, silent, verdict } from '../setup.ts';

test('an allowed review is answered with its uid and nothing else', async () => {
  const answer = await post(serverOf(), review());
  expect(answer.statusCode).toBe(200);
  expect(answer.headers['content-type']).toMatch(/^application\/json/);
  expect(answer.json()).toEqual({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: { uid: UID, allowed: true },
  });
});

test('a denial is 200, with code 403, a message to read and a cause for each finding', async () => {
  const found = verdict(
    finding('dns-open-to-anywhere', 'deny'),
    finding('dns-partly-blocked', 'warn', { path: 'spec.egress', short: 'deny leaves pods app=b without DNS' }),
    finding('egress-rules-ignored', 'audit', { path: 'spec.policyTypes' }),
  );
  const server = serverOf(
    createPolicyHandler(
      judging({ evaluate: () => ({ ...found, notes: ['an exemption has expired'] }) }),
      NETWORK_POLICY,
    ),
  );
  const answer = await post(server, review());
  expect(answer.statusCode).toBe(200);
  expect(answer.json()).toEqual({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: {
      uid: UID,
      allowed: false,
      status: {
        status: 'Failure',
        code: 403,
        reason: 'Forbidden',
        message: [
          '',
          'NetworkPolicy shop/web opens port 53 to anywhere [dns-open-to-anywhere]',
          '  spec.egress[0] opens UDP 53 to any address.',
          '  Name cluster DNS in spec.egress[0]:',
          '      to:',
          '        - podSelector: {}',
          '  More: https://docs.example/rules/dns-open-to-anywhere.md',
        ].join('\n'),
        details: {
          causes: [
            {
              reason: 'dns-open-to-anywhere',
              message: 'NetworkPolicy shop/web opens port 53 to anywhere. spec.egress[0] opens UDP 53 to any address.',
              field: 'spec.egress[0]',
            },
          ],
        },
      },
      warnings: ['deny leaves pods app=b without DNS [dns-partly-blocked]', 'an exemption has expired'],
      auditAnnotations: {
        findings:
          'dns-open-to-anywhere deny spec.egress[0]; dns-partly-blocked warn spec.egress; egress-rules-ignored audit spec.policyTypes',
      },
    },
  });
});

test.each([
  ['no JSON', '{"a":', 400, 'the body is not JSON'],
  ['nothing', '', 400, 'the body is empty, expected an AdmissionReview'],
  ['an array', '[]', 400, 'the body: is an array, expected an object'],
  ['null', 'null', 400, 'the body: is null, expected an object'],
  ['another kind', { ...review(), kind: 'Pod' }, 400, 'kind: is "Pod", expected "AdmissionReview"'],
  [
    'an old version',
    { ...review(), apiVersion: 'admission.k8s.io/v1beta1' },
    400,
    'apiVersion: is "admission.k8s.io/v1beta1", expected "admission.k8s.io/v1"',
  ],
  ['no request', { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' }, 400, 'request: missing'],
  ['a request that is text', { ...review(), request: 'x' }, 400, 'request: is "x", expected an object'],
  ['no uid', review({ uid: undefined }), 400, 'request.uid: missing'],
  ['an empty uid', review({ uid: '' }), 400, 'request.uid: is empty'],
  ['a uid that is a number', review({ uid: 7 }), 400, 'request.uid: is a number, expected a string'],
  ['no resource', review({ resource: undefined }), 400, 'request.resource: missing'],
  [
    'no operation',
    review({ operation: 'CONNECT' }),
    400,
    'request.operation: is "CONNECT", expected one of CREATE, UPDATE, DELETE',
  ],
  ['no object', review({ object: null }), 400, 'request.object: missing; operation CREATE needs it'],
  [
    'an object that is a list',
    review({ object: [] }),
    400,
    'request.object: is an array, expected an object; operation CREATE needs it',
  ],
  [
    'an update without the old object',
    review({ operation: 'UPDATE', oldObject: null }),
    400,
    'request.oldObject: missing; operation UPDATE needs it',
  ],
  [
    'a deletion without the old object',
    review({ operation: 'DELETE', oldObject: undefined }),
    400,
    'request.oldObject: missing; operation DELETE needs it',
  ],
  [
    'no namespace',
    review({ namespace: undefined }),
    400,
    'request.namespace: missing; a NetworkPolicy belongs to a namespace',
  ],
  [
    'groups that are no list',
    review({ userInfo: { username: 'a', groups: 'b' } }),
    400,
    'request.userInfo.groups: is "b", expected an array',
  ],
  [
    'an object of another kind',
    review({ object: { apiVersion: 'v1', kind: 'Pod' } }),
    400,
    'request.object: is "Pod" of "v1", expected NetworkPolicy of networking.k8s.io/v1',
  ],
  [
    'another resource',
    review({ resource: { group: '', version: 'v1', resource: 'pods' } }),
    400,
    'request.resource: is v1/pods, but /validate judges networking.k8s.io/v1/networkpolicies',
  ],
  [
    'a subresource',
    review({ subResource: 'status' }),
    400,
    'request.resource: is networking.k8s.io/v1/networkpolicies/status, but /validate judges networking.k8s.io/v1/networkpolicies',
  ],
])('%s is a clear error', async (_name, payload, code, message) => {
  const { events, observer } = recorder();
  const answer = await post(serverOf(undefined, { observer }), payload);
  expect(answer.json()).toMatchObject({ apiVersion: 'v1', kind: 'Status', status: 'Failure', code });
  expect(answer.json().message).toContain(message);
  expect(answer.statusCode).toBe(code);
  expect(events).toEqual([`refused ${code}`]);
});

test('invalid UTF-8 that is no review is a clear error', async () => {
  const answer = await post(serverOf(), Buffer.of(0x22, 0xff, 0x22));
  expect([answer.statusCode, answer.json().message]).toEqual([400, 'the body is not JSON: not valid UTF-8']);
});

test.each([
  ['text/plain', 'content type is "text/plain", expected application/json'],
  [undefined, 'content type is missing, expected application/json'],
  ['nonsense', 'content type is "nonsense", expected application/json'],
])('content type %s is refused with what was found and wanted', async (contentType, message) => {
  const answer = await serverOf().app.inject({
    method: 'POST',
    url: '/validate',
    ...(contentType && { headers: { 'content-type': contentType } }),
    payload: Buffer.from(JSON.stringify(review())),
  });
  expect([answer.statusCode, answer.json().message]).toEqual([415, message]);
});

test('application/json with a charset is what it is', async () => {
  const headers = { 'content-type': 'application/json; charset=utf-8' };
  const answer = await serverOf().app.inject({
    method: 'POST',
    url: '/validate',
    headers,
    payload: JSON.stringify(review()),
  });
  expect(answer.statusCode).toBe(200);
});

test.each(['..', '.', 'a/../b', 'Shop', '-a', 'a.b', 'a'.repeat(64)])(
  'no namespace is called %s',
  async (namespace) => {
    const answer = await post(serverOf(), review({ namespace }));
    expect([answer.statusCode, answer.json().message]).toEqual([
      400,
      expect.stringMatching(/^request.namespace: is ".*", expected the name of a namespace$/),
    ]);
  },
);

test.each(['a', '0', 'kube-system', 'a'.repeat(63)])('a namespace may be called %s', async (namespace) => {
  expect((await post(serverOf(), review({ namespace }))).json().response.allowed).toBe(true);
});

test.each(['/', '/mutate', '/gate', '/validate/', '/metrics'])('%s is not there', async (url) => {
  const answer = await post(serverOf(), review(), url);
  expect([answer.statusCode, answer.json().message]).toEqual([404, 'no such path; known: /validate']);
});

test.each(['GET', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS'] as const)('%s is answered with 405', async (method) => {
  const answer = await serverOf().app.inject({ method, url: '/validate?timeout=1s' });
  expect([answer.statusCode, answer.headers['allow']]).toEqual([405, 'POST']);
});

test.each(['x', '5', '-1s', '5s5', '1e3s', ''])('timeout=%s is a clear error', async (timeout) => {
  const answer = await post(serverOf(), review(), `/validate?timeout=${timeout}`);
  expect([answer.statusCode, answer.json().message]).toEqual([
    400,
    `query parameter timeout: is "${timeout}", expected a duration such as 5s`,
  ]);
});

test('a body of 7 MiB is judged, and one byte more is refused', async () => {
  const server = serverOf();
  const padded = (size: number) => {
    const text = JSON.stringify(review({ padding: '' }));
    return text.replace('"padding":""', `"padding":"${'x'.repeat(size - text.length)}"`);
  };
  expect((await post(server, padded(7 * 1024 * 1024))).statusCode).toBe(200);
  const other = padded(7 * 1024 * 1024 + 1)
    .replace('"request":{', '"request": {')
    .slice(0, -1);
  const answer = await post(server, `${other} `);
  expect([answer.statusCode, answer.json().message]).toEqual([413, 'the body is larger than 7340032 bytes']);
});

test('a body that begins as an API server writes it may be four times as large', async () => {
  const server = serverOf(undefined, { limits: { body: 5000, longBody: 20_000 } });
  const text = JSON.stringify(review({ object: policy(undefined, { annotations: { a: 'b'.repeat(10_000) } }) }));
  expect((await post(server, text)).json()).toMatchObject({ response: { uid: UID, allowed: true } });
  expect((await post(server, text.replace('"uid"', '"name":"","uid"'))).statusCode).toBe(413);
  expect((await post(server, text.padEnd(20_000))).statusCode).toBe(200);
  expect((await post(server, text.padEnd(20_001))).statusCode).toBe(413);
});

const DEEP = `${'{"f:a":'.repeat(1600)}{}${'}'.repeat(1600)}`;
const reviewWith = (metadata: object, [placeholder, bytes]: readonly [string, string]) => {
  const text = JSON.stringify(review({ object: policy(undefined, metadata) }));
  return Buffer.from(text.replace(placeholder, bytes), 'latin1');
};

// An API server passes on what a client wrote there, which would else decide whether a webhook can be asked.
test.each([
  ['nested too deep', DEEP],
  ['not UTF-8', '{"f:\xff":{}}'],
])("managed fields that are %s are nobody's concern", async (_, fields) => {
  const metadata = { managedFields: [{ manager: 'them', fieldsV1: 'HERE' }] };
  const answer = await post(serverOf(), reviewWith(metadata, ['"HERE"', fields]));
  expect(answer.json()).toMatchObject({ response: { uid: UID, allowed: true } });
});

test.each([
  ['nested too deep', ['"HERE"', DEEP], 'nests lists and objects deeper than'],
  ['not UTF-8', ['HERE', '\xff'], 'not valid UTF-8'],
] as const)('a review of which anything else is %s is refused as a review', async (_, change, message) => {
  const { events, observer } = recorder();
  const answer = await post(serverOf(undefined, { observer }), reviewWith({ annotations: { a: 'HERE' } }, change));
  expect(answer.statusCode).toBe(200);
  expect(answer.json()).toMatchObject({
    response: {
      uid: UID,
      allowed: false,
      status: { code: 400, reason: 'BadRequest', message: expect.stringContaining(message) },
    },
  });
  expect(events).toEqual(['refused 400']);
});

test('a bug is answered with 500, counted and logged, never allowed, and tells the caller nothing', async () => {
  const { events, observer } = recorder();
  const errors: object[] = [];
  const log = { ...silent, error: (fields: object) => errors.push(fields) };
  const bug = new TypeError("Cannot read properties of undefined (reading 'secret')");
  const handler = createPolicyHandler(
    judging({
      evaluate: () => {
        throw bug;
      },
    }),
    NETWORK_POLICY,
  );
  const answer = await post(serverOf(handler, { observer, log }), review());
  expect(answer.statusCode).toBe(500);
  expect(answer.json()).toEqual({
    apiVersion: 'v1',
    kind: 'Status',
    status: 'Failure',
    code: 500,
    reason: 'InternalError',
    message: 'netpol-guard failed to judge this request, which is a bug; its log says why',
  });
  expect(events).toEqual(['internal error review']);
  expect(errors).toMatchObject([{ err: bug, path: '/validate?timeout=5s' }]);
});

test('before all is there, a review is turned away to come again', async () => {
  const { events, observer } = recorder();
  const answer = await post(serverOf(undefined, { observer, notReady: () => ['cache networkpolicies'] }), review());
  expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '1']);
  expect(answer.json().message).toBe('not ready: cache networkpolicies');
  expect(events).toEqual(['shed starting']);
});

/** A handler that answers nobody until it is told to. */
function holding() {
  let release = () => {};
  const told = new Promise<void>((resolve) => {
    release = resolve;
  });
  const handler = async () => {
    await told;
    return allowed();
  };
  return { handler, release };
}

test('more requests than the limit are turned away, and their places are free again afterwards', async () => {
  const { events, observer } = recorder();
  const { handler, release } = holding();
  const server = serverOf(handler, { observer, limits: { requests: 2 } });
  const waiting = [post(server, review()), post(server, review())];
  await new Promise((resolve) => setTimeout(resolve, 20));
  const answer = await post(server, review());
  expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '1']);
  release();
  expect((await Promise.all(waiting)).map(({ statusCode }) => statusCode)).toEqual([200, 200]);
  expect((await post(server, review())).statusCode).toBe(200);
  expect(events.filter((event) => event.startsWith('shed'))).toEqual(['shed requests']);
});

test('bytes of large bodies beyond the limit are turned away, small bodies never', async () => {
  const { handler, release } = holding();
  const { events, observer } = recorder();
  const server = serverOf(handler, { observer, limits: { inFlightBytes: 100_000, freeBytes: 10_000 } });
  const large = review({ padding: 'x'.repeat(80_000) });
  const first = post(server, large);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect((await post(server, large)).json()).toMatchObject({
    response: { uid: UID, allowed: false, status: { code: 429, details: { retryAfterSeconds: 1 } } },
  });
  const small = post(server, review());
  await new Promise((resolve) => setTimeout(resolve, 20));
  release();
  expect([(await first).statusCode, (await small).statusCode]).toEqual([200, 200]);
  expect((await post(server, large)).statusCode).toBe(200);
  expect(events.filter((event) => event.startsWith('shed'))).toEqual(['shed bytes']);
});

test('what was read is let go before its answer is sent: many answers may wait for slow callers', async () => {
  const server = serverOf();
  const held: unknown[] = [];
  server.app.addHook('onSend', async ({ body }) => void held.push(body));
  expect((await post(server, review())).statusCode).toBe(200);
  expect((await post(server, { kind: 'none' })).statusCode).toBe(400);
  expect(held).toEqual([undefined, undefined]);
});

test("labels by the names of JavaScript's own arrive as labels", async () => {
  const seen: unknown[] = [];
  const handler = createPolicyHandler(
    judging({
      evaluate: ({ after }) => {
        seen.push([...(after?.subject.constraints.keys() ?? [])]);
        return verdict();
      },
    }),
    NETWORK_POLICY,
  );
  const text = JSON.stringify(
    review({ object: policy({ podSelector: { matchLabels: { KEY: 'a', constructor: 'b' } } }) }),
  );
  const answer = await post(serverOf(handler), text.replace('KEY', '__proto__'));
  expect(answer.statusCode).toBe(200);
  expect(seen).toEqual([['__proto__', 'constructor']]);
});

test('a decision is logged in one line, without objects, groups or extra', async () => {
  const lines: [object, string][] = [];
  const log = { ...silent, info: (fields: object, message: string) => lines.push([fields, message]) };
  const handler = createPolicyHandler(
    judging({ evaluate: () => verdict(finding('dns-blocked', 'deny')) }),
    NETWORK_POLICY,
  );
  const userInfo = { username: 'dev', uid: 'secret', groups: ['g'], extra: { token: ['secret'] } };
  await post(serverOf(handler, { log, clock: { ...clock, elapsed: () => 5 } }), review({ userInfo, dryRun: true }));
  expect(lines).toEqual([
    [
      {
        uid: UID,
        operation: 'CREATE',
        resource: 'networking.k8s.io/v1/networkpolicies',
        namespace: 'shop',
        name: 'web',
        user: 'dev',
        dryRun: true,
        allowed: false,
        rules: ['dns-blocked'],
        ms: 0,
      },
      'admission decision',
    ],
  ]);
});

test('the log names every rule that refuses, also where there are more findings than causes are told', async () => {
  const logged: object[] = [];
  const log = { ...silent, info: (fields: object) => logged.push(fields) };
  const many = Array.from({ length: 200 }, () => finding('dns-blocked', 'deny'));
  const found = verdict(...many, finding('egress-open-to-anywhere', 'deny'), finding('dns-depends-on-cni', 'warn'));
  const answer = await post(
    serverOf(createPolicyHandler(judging({ evaluate: () => found }), NETWORK_POLICY), { log }),
    review(),
  );
  expect(answer.json().response.status.details.causes).toHaveLength(100);
  expect(answer.json().response).not.toHaveProperty('refusedBy');
  expect(logged).toMatchObject([{ rules: ['dns-blocked', 'egress-open-to-anywhere'] }]);
});

test('decisions are counted, dry runs as such', async () => {
  const { events, observer } = recorder();
  const server = serverOf(createPolicyHandler(judging({ observer }), NETWORK_POLICY), { observer });
  await post(server, review({ dryRun: true }));
  await post(server, review({ operation: 'DELETE' }));
  expect(events).toEqual(['decided CREATE networkpolicies allowed dry-run', 'decided DELETE networkpolicies allowed']);
});

test('a large body is read elsewhere, by its deadline, and judged here', async () => {
  const deadlines: number[] = [];
  const readLarge = (body: Uint8Array, deadline: number) => {
    deadlines.push(deadline - clock.elapsed());
    return Promise.resolve(readLargeReview(body));
  };
  const judged = vi.fn(() => verdict(finding('dns-open-to-anywhere', 'deny')));
  const server = serverOf(createPolicyHandler(judging({ evaluate: judged }), NETWORK_POLICY), { readLarge });
  const large = review({ object: policy(undefined, { annotations: { a: 'b'.repeat(64 * 1024) } }) });
  expect((await post(server, large)).json()).toMatchObject({ response: { uid: UID, status: { code: 403 } } });
  expect(judged).toHaveBeenCalledOnce();
  await post(server, review());
  expect(deadlines).toEqual([expect.closeTo(4500, -3)]);
});

test('what reading alone settles is answered without being judged', async () => {
  const readLarge = (body: Uint8Array) => Promise.resolve(readLargeReview(body));
  const judged = vi.fn(() => verdict());
  const { observer, events } = recorder();
  const server = serverOf(createPolicyHandler(judging({ evaluate: judged }), NETWORK_POLICY), { readLarge, observer });
  const object = policy({ podSelector: {}, egress: 'x', padding: 'x'.repeat(70_000) });
  const answer = await post(server, review({ object }));
  expect(answer.json()).toMatchObject({ response: { uid: UID, allowed: false, status: { code: 422 } } });
  expect(judged).not.toHaveBeenCalled();
  expect(events).toEqual(['decided CREATE networkpolicies denied']);
});

test('a large review that there was no time to read is put off, and counted', async () => {
  const { observer, events } = recorder();
  const readLarge = () => Promise.reject(new PutOff('reading', 'no time'));
  const server = serverOf(undefined, { readLarge, observer });
  const large = policy(undefined, { annotations: { a: 'b'.repeat(64 * 1024) } });
  const answer = await post(server, review({ object: large }));
  expect(answer.statusCode).toBe(200);
  expect(answer.json()).toMatchObject({ response: { uid: UID, allowed: false, status: { code: 429 } } });
  expect(events).toEqual(['shed reading']);
  const unknown = await post(server, JSON.stringify({ a: 'b'.repeat(64 * 1024) }));
  expect([unknown.statusCode, unknown.headers['retry-after']]).toEqual([503, '1']);
});
