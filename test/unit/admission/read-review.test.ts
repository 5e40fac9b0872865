import { deserialize, serialize } from 'node:v8';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readBefore, readChange } from '../../../src/admission/read-change.ts';
import { readLargeReview, readReview, uidIn } from '../../../src/admission/read-review.ts';
import { policy, review } from './setup.ts';

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
);
const operation = fc.constantFrom('CREATE', 'UPDATE', 'DELETE');

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
        const direct = readChange(request, readBefore(request));
        const large = handedOver(body);
        expect(large.request).toMatchObject({ uid: request.uid, operation, user: request.user, isLarge: true });
        if (direct.answer !== undefined) expect(large.answer).toEqual(direct.answer);
        else expect(readChange(large.request, readBefore(large.request))).toEqual(direct);
      }),
    );
  });

  it('keeps of a Namespace and a Pod what is read, and no fields', () => {
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
    const kept = { apiVersion: 'v1', metadata: { name: 'a', labels: { b: 'c' } } };
    expect(read('Namespace', 'namespaces')).toMatchObject({
      ...kept,
      kind: 'Namespace',
      status: { phase: 'Terminating' },
    });
    expect(read('Pod', 'pods')).toEqual({
      ...kept,
      kind: 'Pod',
      metadata: { ...kept.metadata, managedFields: [{ manager: 'x', fieldsV1: undefined }, 'odd'] },
    });
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
    expect(readChange(request, readBefore(request)).change?.unread).toEqual({
      ref: { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', namespace: 'shop', name: 'web' },
      problem,
    });
    const less = { object: withSpec(spellings(49_000)), oldObject: withSpec(spellings(50_000)) };
    expect(handedOver(bodyOf(review({ operation: 'UPDATE', ...less }))).answer).toMatchObject({ allowed: true });
    const gone = { oldObject: withSpec(spellings(50_000)) };
    expect(handedOver(bodyOf(review({ operation: 'DELETE', ...gone }))).answer).toMatchObject({ allowed: true });
  });

  it('of which the stored policy is too large is judged as if all were new', () => {
    const body = bodyOf(review({ operation: 'UPDATE', oldObject: withSpec(spellings(50_000)) }));
    const { request, answer } = handedOver(body);
    expect(answer).toBeUndefined();
    const { change } = readChange(request, readBefore(request));
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
