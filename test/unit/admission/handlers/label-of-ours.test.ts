import { describe, expect, it } from 'vitest';
import { createPolicyHandler } from '../../../../src/admission/handlers/policies.ts';
import { parseAdmissionReview } from '../../../../src/admission/review/review.ts';
import { NETWORK_POLICY } from '../../../../src/policy/dialects/network-policy/dialect.ts';
import { readNetworkPolicy } from '../../../../src/policy/dialects/network-policy/network-policy.ts';
import { evaluate } from '../../../../src/policy/evaluate.ts';
import { MANAGED_LABELS } from '../../../../src/policy/model/labels.ts';
import { offlineSnapshot } from '../../../../src/policy/offline-snapshot.ts';
import { judging, review, settings, told } from '../setup.ts';

const OPEN = { podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Ingress'], ingress: [{}] };
const CLOSED = { ...OPEN, ingress: [] };

function web(spec: object, labels?: Readonly<Record<string, string>>, name = 'web') {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace: 'shop', labels },
    spec,
  };
}

/** What becomes of an update of a policy that was stored with our label, though netpol-guard never applied it. */
async function update(object: ReturnType<typeof web>, oldObject: ReturnType<typeof web>, template: string) {
  const namespaces = [
    { name: 'shop', labels: new Map([['netpol-guard.io/baseline', template]]), labelsKnown: true, terminating: false },
  ];
  const stored = readNetworkPolicy(oldObject, 'shop');
  const snapshot = offlineSnapshot({ namespaces, policies: [stored], otherPolicies: [] }, settings);
  const context = judging({ evaluate, settings: () => settings, gatherSnapshot: () => snapshot });
  const request = parseAdmissionReview(review({ operation: 'UPDATE', object, oldObject }));
  return told(createPolicyHandler(context, NETWORK_POLICY))(request, context.clock.elapsed() + 4500);
}

describe.each(['none', 'default-deny'])('a policy with our label under the template %s', (template) => {
  const stored = web(OPEN, MANAGED_LABELS);

  it('is told to leave the label out where its spec changes', async () => {
    const answer = await update(web(CLOSED, MANAGED_LABELS), stored, template);
    expect(answer.allowed).toBe(false);
    expect(JSON.stringify(answer)).toContain('Remove the label');
  });

  it.each([
    ['without a word about it', undefined],
    ['for another one of the same key', { 'app.kubernetes.io/managed-by': 'Helm' }],
  ])('may leave it out %s, whatever becomes of its spec', async (_, labels) => {
    for (const spec of [OPEN, CLOSED]) {
      expect(await update(web(spec, labels), stored, template)).toMatchObject({ allowed: true });
    }
  });

  it('may keep it where nothing else of ours is touched', async () => {
    expect(await update(web(OPEN, { ...MANAGED_LABELS, team: 'web' }), stored, template)).toMatchObject({
      allowed: true,
    });
  });
});

describe('a policy of a reserved name that netpol-guard never applied', () => {
  it('is not told to leave out a label, since the name is what it may not have', async () => {
    const name = 'netpol-guard-web';
    const stored = web(OPEN, MANAGED_LABELS, name);
    for (const labels of [MANAGED_LABELS, undefined]) {
      const answer = await update(web(CLOSED, labels, name), stored, 'none');
      expect(answer.allowed).toBe(false);
      expect(JSON.stringify(answer)).toContain('Give the policy another name');
      expect(JSON.stringify(answer)).not.toContain('the label');
    }
  });
});
