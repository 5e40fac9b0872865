import { deserialize, serialize } from 'node:v8';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMutationHandler } from '../../../../src/admission/handlers/mutate.ts';
import { createNamespaceHandler } from '../../../../src/admission/handlers/namespaces.ts';
import { createOptOutHandler } from '../../../../src/admission/handlers/opt-out.ts';
import type { ReviewHandler } from '../../../../src/admission/review/handler.ts';
import { readBefore, readChange } from '../../../../src/admission/review/read-change.ts';
import { readLargeReview, readReview, uidIn } from '../../../../src/admission/review/read-review.ts';
import type { AdmissionRequest } from '../../../../src/admission/review/review.ts';
import { NETWORK_POLICY } from '../../../../src/policy/dialects/network-policy/dialect.ts';
import { evaluate } from '../../../../src/policy/evaluate.ts';
import {
  BASELINE,
  ENFORCE,
  judgingWith,
  namespace,
  namespaceReview,
  STATUS,
  withBaseline,
} from '../namespace-review.ts';
import { clock, policy, review, silent } from '../setup.ts';

const bodyOf = (body: object) => Buffer.from(JSON.stringify(body));

/** As another thread gets it. */
const handedOver = (body: Uint8Array) => deserialize(serialize(readLargeReview(body))) as ReturnType<typeof readReview>;

const ports = fc.array(fc.constantFrom({ port: 53 }, { protocol: 'UDP', port: 53 }, { port: 99, endPort: 1 }, {}), {
  maxLength: 3,
});
const peer = fc.constantFrom<object>(
  { podSelector: {} },
  { namespaceSelector: { matchLabels: { a: 'b' } } },
  { ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16', '10.1.0.0/16'] } },
  { ipBlock: { cidr: 'nonsense' } },
  {},
);
const rule = fc.record({ to: fc.array(peer, { maxLength: 4 }), ports }, { requiredKeys: [] });
const spec = fc.record({
  podSelector: fc.constant({}),
  policyTypes: fc.constant(['Egress']),
  egress: fc.array(rule, { maxLength: 4 }).chain((rules) => fc.constantFrom(rules, [...rules, ...rules])),
});
const metadata = fc.constantFrom<object>(
  { name: 'web' },
  { name: 'web', deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['example.com/keep'] },
  {
    name: 'netpol-guard-allow-dns',
    labels: { 'app.kubernetes.io/managed-by': 'netpol-guard' },
    managedFields: [{ manager: 'netpol-guard', operation: 'Apply', fieldsV1: { 'f:spec': {} } }],
  },
  {
    generateName: 'netpol-guard-',
    annotations: { a: 'b' },
    finalizers: ['a/b', 'a/b'],
    ownerReferences: [{ name: 'x' }, { name: 'y' }],
    managedFields: [{ manager: 'netpol-guard', operation: 'Update' }, { manager: 'kubectl' }],
  },
  { name: 'web', labels: ['a'] },
  { name: 'web', labels: { 'app.kubernetes.io/managed-by': ['netpol-guard'], a: 'b' }, finalizers: 'x' },
  { name: 'netpol-guard-x', labels: null, finalizers: [1], managedFields: ['odd'] },
  { name: 'netpol-guard-x', ownerReferences: 'x' },
);
const operation = fc.constantFrom('CREATE', 'UPDATE', 'DELETE');

/** Labels with so many others in the middle. */
function labelled([first, count, last]: [[string, unknown][], number, [string, unknown][]]): object {
  const others = Array.from({ length: count }, (_, i): [string, unknown] => [`other-${i}`, '']);
  return Object.fromEntries([...first, ...others, ...last]);
}

async function told(handler: ReviewHandler, request: AdmissionRequest): Promise<unknown> {
  try {
    return await handler(structuredClone(request), clock.elapsed() + 1000);
  } catch (error) {
    return String(error);
  }
}

describe('a large review', () => {
  it('says to the thread that judges what its body says', () => {
    fc.assert(
      fc.property(operation, metadata, spec, spec, (operation, metadata, before, after) => {
        const [object, oldObject] = [after, before].map((spec) => ({
          ...policy(),
          metadata: { namespace: 'shop', ...metadata },
          spec,
          status: { conditions: [] },
        }));
        const body = bodyOf(
          review({
            operation,
            object: operation === 'DELETE' ? null : object,
            oldObject: operation === 'CREATE' ? null : oldObject,
          }),
        );
        const { request } = readReview(body);
        const direct = readChange(request, readBefore(request, NETWORK_POLICY), NETWORK_POLICY);
        const large = handedOver(body);
        expect(large.request).toMatchObject({ uid: request.uid, operation, user: request.user, isLarge: true });
        if (direct.answer !== undefined) expect(large.answer).toEqual(direct.answer);
        else
          expect(readChange(large.request, readBefore(large.request, NETWORK_POLICY), NETWORK_POLICY)).toEqual(direct);
      }),
    );
  });

  it('keeps of a Namespace and a Pod what is read', () => {
    const object = (kind: string) => ({
      apiVersion: 'v1',
      kind,
      metadata: { name: 'a', labels: { b: 'c' }, managedFields: [{ manager: 'x', fieldsV1: { 'f:y': {} } }, 'odd'] },
      spec: { z: 1 },
      status: { phase: 'Terminating' },
    });
    const read = (kind: string, resource: string) => {
      const gvr = { group: '', version: 'v1', resource };
      const body = bodyOf(
        review({ operation: 'UPDATE', resource: gvr, object: object(kind), oldObject: object(kind) }),
      );
      return handedOver(body).request.oldObject;
    };
    expect(read('Namespace', 'namespaces')).toEqual({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'a', labels: { b: 'c' } },
      status: { phase: 'Terminating' },
    });
    expect(read('Pod', 'pods')).toEqual({ apiVersion: 'v1', kind: 'Pod' });
  });

  it('about a Namespace is answered at every path as a small one', async () => {
    const now = judgingWith(withBaseline, { evaluate });
    const handlers = [createNamespaceHandler(now), createMutationHandler(now, silent), createOptOutHandler(now)];
    const value = fc.constantFrom<unknown>('', 'off', 'strict', 'default-deny', 'none', 'pending', null, 1, ['a'], {});
    const key = fc.constantFrom(
      ENFORCE,
      BASELINE,
      STATUS,
      ...['a', '__proto__', 'netpol-guard.io/enforced', 'netpol-guard.io/warm', 'netpol-guard.io/b', 'toString'],
    );
    const some = fc.array(fc.tuple(key, value), { maxLength: 6 });
    const labels = fc.oneof(
      { weight: 9, arbitrary: fc.tuple(some, fc.constantFrom(0, 990, 1000, 1001, 1200), some).map(labelled) },
      { weight: 1, arbitrary: fc.constantFrom<unknown>(undefined, null, [], 'x', ['a']) },
    );
    const metadata = fc.oneof(
      {
        weight: 9,
        arbitrary: fc.record(
          {
            labels,
            annotations: fc.constant({ a: 'b' }),
            deletionTimestamp: fc.constantFrom<unknown>(null, 'now', {}),
          },
          { requiredKeys: ['labels'] },
        ),
      },
      { weight: 1, arbitrary: fc.constantFrom<unknown>(undefined, null, [], 'x') },
    );
    const status = fc.constantFrom<unknown>(undefined, null, { phase: 'Active' }, { phase: 'Terminating' }, [], 'x');
    const object = fc
      .record({ metadata, status })
      .map((parts) => ({ apiVersion: 'v1', kind: 'Namespace', spec: { finalizers: ['kubernetes'] }, ...parts }));
    await fc.assert(
      fc.asyncProperty(object, fc.option(object, { nil: undefined }), async (after, before) => {
        const body = bodyOf(namespaceReview(after, before));
        const [small, large] = [readReview(body).request, handedOver(body).request];
        for (const handler of handlers) expect(await told(handler, large)).toEqual(await told(handler, small));
      }),
    );
  });

  it('about a Namespace is small when it is handed over, whatever it was', () => {
    const entries = Array.from({ length: 50_000 }, (_, i) => [`netpol-guard.io/${i}`, { a: i }]);
    const object = namespace(Object.fromEntries(entries), { annotations: Object.fromEntries(entries) });
    expect(serialize(readLargeReview(bodyOf(namespaceReview(object, object)))).length).toBeLessThan(200_000);
  });

  it.each([
    ['labels', Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`a${i}`, '']))],
    ['annotations', Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`a${i}`, '']))],
    ['managedFields', Array.from({ length: 50_000 }, (_, i) => ({ manager: `a${i}` }))],
    ['ownerReferences', Array.from({ length: 50_000 }, (_, i) => ({ name: `a${i}` }))],
    ['finalizers', Array.from({ length: 50_000 }, (_, i) => `a/${i}`)],
  ])('about a policy with many %s is small when it is handed over', (field, value) => {
    const object = policy({ podSelector: {} }, { [field]: value });
    for (const operation of ['CREATE', 'UPDATE', 'DELETE']) {
      const large = readLargeReview(bodyOf(review({ operation, object, oldObject: object })));
      expect(serialize(large).length).toBeLessThan(2000);
    }
  });

  it('is of the policies that its operation is about', () => {
    const others = { object: policy({ podSelector: {} }), oldObject: policy({ podSelector: {} }) };
    const read = (operation: string) => handedOver(bodyOf(review({ operation, ...others }))).request;
    expect(read('CREATE').oldObject).toBeUndefined();
    expect(read('DELETE').object).toBeUndefined();
  });

  it('counts keys, and texts in lists, as what they cost to hand over', () => {
    const keys = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`a${i}`, '']));
    const texts = Array.from({ length: 400_000 }, (_, i) => `a${i}`);
    const shapes = Array.from({ length: 50_000 }, (_, i) => ({ [`a${i}`]: 0 }));
    for (const odd of [keys, texts, shapes]) {
      const object = policy({ podSelector: {}, odd });
      expect(handedOver(bodyOf(review({ object }))).request.tooLarge).toContain('is the limit');
    }
  });

  /** One block, spelled in as many ways. */
  const spellings = (count: number) => ({
    podSelector: {},
    policyTypes: ['Egress'],
    egress: [
      {
        to: Array.from({ length: count }, (_, i) => ({
          ipBlock: { cidr: `9.${i >> 16}.${(i >> 8) & 255}.${i & 255}/8` },
        })),
      },
    ],
  });
  const withSpec = (spec: object) => ({ ...policy(), spec });

  it('of more parts than can be handed over is too large, and not handed over', () => {
    const { request, answer } = handedOver(
      bodyOf(review({ operation: 'CREATE', object: withSpec(spellings(50_000)) })),
    );
    expect(answer).toBeUndefined();
    expect(request.object).toBeUndefined();
    const problem = 'is made of more than 80,000 different parts; 80,000 is the limit';
    expect(request.tooLarge).toBe(problem);
    expect(readChange(request, readBefore(request, NETWORK_POLICY), NETWORK_POLICY).change?.unread).toEqual({
      ref: { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', namespace: 'shop', name: 'web' },
      problem,
    });
    const less = { object: withSpec(spellings(49_000)), oldObject: withSpec(spellings(50_000)) };
    expect(handedOver(bodyOf(review({ operation: 'UPDATE', ...less }))).answer?.response).toMatchObject({
      allowed: true,
    });
    const gone = { oldObject: withSpec(spellings(50_000)) };
    expect(handedOver(bodyOf(review({ operation: 'DELETE', ...gone }))).answer?.response).toMatchObject({
      allowed: true,
    });
  });

  it('of which the stored policy is too large is judged as if all were new', () => {
    const body = bodyOf(review({ operation: 'UPDATE', oldObject: withSpec(spellings(50_000)) }));
    const { request, answer } = handedOver(body);
    expect(answer).toBeUndefined();
    const { change } = readChange(request, readBefore(request, NETWORK_POLICY), NETWORK_POLICY);
    expect(change?.before).toBeUndefined();
    expect(change?.after?.ref.name).toBe('web');
  });
});

describe('the uid of a review that is not read', () => {
  it('is found where API servers write it', () => {
    const beginning =
      '{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"705ab4f5","kind":{';
    expect(uidIn(Buffer.from(beginning.padEnd(2092)))).toBe('705ab4f5');
  });

  it.each(['', '{"uid":"a"}', `{"request":${' '.repeat(2000)}{"uid":"a"}}`, '{"request":{"uid":"\\u0041"'])(
    'is not known from %j',
    (body) => {
      expect(uidIn(Buffer.from(body))).toBeUndefined();
    },
  );
});
