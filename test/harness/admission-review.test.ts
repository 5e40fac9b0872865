import { describe, expect, it } from 'vitest';
import { uidIn } from '../../src/admission/review/read-review.ts';
import { parseAdmissionReview } from '../../src/admission/review/review.ts';
import { admissionReview, UID } from './admission-review.ts';

const policy = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'web', namespace: 'shop' },
};
const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } };

describe('the review that tests send', () => {
  it('is byte for byte what kube-apiserver writes of a creation', () => {
    expect(JSON.stringify(admissionReview('networkpolicies', { object: policy }))).toBe(
      '{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{' +
        `"uid":"${UID}",` +
        '"kind":{"group":"networking.k8s.io","version":"v1","kind":"NetworkPolicy"},' +
        '"resource":{"group":"networking.k8s.io","version":"v1","resource":"networkpolicies"},' +
        '"requestKind":{"group":"networking.k8s.io","version":"v1","kind":"NetworkPolicy"},' +
        '"requestResource":{"group":"networking.k8s.io","version":"v1","resource":"networkpolicies"},' +
        '"name":"web","namespace":"shop","operation":"CREATE",' +
        '"userInfo":{"username":"dev","groups":["system:authenticated"]},' +
        `"object":${JSON.stringify(policy)},"oldObject":null,` +
        '"dryRun":false,"options":{"kind":"CreateOptions","apiVersion":"meta.k8s.io/v1"}}}',
    );
  });

  it.each([
    ['CREATE', 'CreateOptions', { object: policy }],
    ['UPDATE', 'UpdateOptions', { object: policy, oldObject: policy }],
    ['DELETE', 'DeleteOptions', { oldObject: policy }],
  ])('is of a %s, with %s, by the objects that it has', (operation, kind, request) => {
    const review = admissionReview('networkpolicies', request);
    expect(review.request).toMatchObject({ operation, name: 'web', options: { kind } });
    expect(parseAdmissionReview(review)).toMatchObject({ operation, uid: UID, namespace: 'shop' });
  });

  it('names a Namespace twice, and leaves out a name that is yet to be generated', () => {
    expect(admissionReview('namespaces', { object: namespace }).request).toMatchObject({
      name: 'shop',
      namespace: 'shop',
    });
    const pod = { metadata: { generateName: 'web-', namespace: 'shop' } };
    expect(JSON.parse(JSON.stringify(admissionReview('pods', { object: pod }))).request).not.toHaveProperty('name');
  });

  it('holds what a test says, whatever that is', () => {
    const request = { object: [], operation: 'CONNECT', uid: '', name: undefined };
    expect(admissionReview('networkpolicies', request).request).toMatchObject(request);
  });

  it('has its uid where it is found in a body that is not read', () => {
    expect(uidIn(Buffer.from(JSON.stringify(admissionReview('networkpolicies', { object: policy }))))).toBe(UID);
  });
});
