import { describe, expect, it } from 'vitest';
import { heldPolicies, ReadTexts } from '../../../../src/manifests/text/held-policies.ts';

const spec = { podSelector: {}, policyTypes: ['Egress'] };
const policy = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'a' }, spec };

function held(apiVersion: string, kind: string, value: Record<string, unknown>) {
  const { asTheyWillBe, others } = heldPolicies({ apiVersion, kind, value });
  return { judged: asTheyWillBe.map(({ path }) => path), others };
}

const template = (...objects: readonly unknown[]) => held('template.openshift.io/v1', 'Template', { objects });
const crossplane = (more: object) =>
  held('kubernetes.crossplane.io/v1alpha2', 'Object', { spec: { forProvider: { manifest: policy }, ...more } });
const patching = (patch: string, target?: object) =>
  held('kustomize.toolkit.fluxcd.io/v1', 'Kustomization', { spec: { patches: [{ patch, target }] } });
const generate = (more: object) => ({
  spec: { rules: [{ name: 'a' }, { generate: { kind: 'NetworkPolicy', ...more } }] },
});

describe('policies within other objects', () => {
  it.each([
    ['a Template without parameters', template(policy), ['objects[0]'], []],
    ['an old Template', held('v1', 'Template', { objects: [policy] }), ['objects[0]'], []],
    [
      'a Template with a parameter in one of its policies',
      template(policy, { ...policy, metadata: { name: '${NAME}' } }),
      [],
      ['objects[0]', 'objects[1]'],
    ],
    [
      'a Template with a parameter elsewhere',
      template({ kind: 'Service', metadata: { name: '${NAME}' } }, policy),
      ['objects[1]'],
      [],
    ],
    ['an Object of Crossplane', crossplane({}), ['spec.forProvider.manifest'], []],
    ['one that is patched', crossplane({ references: [] }), [], ['spec.forProvider.manifest']],
    ['one that is only observed', crossplane({ managementPolicies: ['Observe'] }), [], ['spec.forProvider.manifest']],
    [
      'a rule of Kyverno',
      held('kyverno.io/v1', 'ClusterPolicy', generate({ data: { spec } })),
      [],
      ['spec.rules[1].generate'],
    ],
    [
      'one that clones',
      held('kyverno.io/v1', 'Policy', generate({ clone: { name: 'a' } })),
      [],
      ['spec.rules[1].generate'],
    ],
    [
      'a rule that changes policies',
      held('kyverno.io/v1', 'Policy', { spec: { rules: [{ mutate: { patchStrategicMerge: { spec } } }] } }),
      [],
      ['spec.rules[0].mutate.patchStrategicMerge.spec'],
    ],
    [
      'a rule of Kyverno in CEL',
      held('policies.kyverno.io/v1alpha1', 'GeneratingPolicy', {
        spec: {
          variables: [
            {
              expression:
                '[{"kind": dyn("NetworkPolicy"), "apiVersion": dyn("networking.k8s.io/v1"), "spec": dyn({})}]',
            },
          ],
        },
      }),
      [],
      ['spec.variables[0].expression'],
    ],
    [
      'a ConfigMap in JSON',
      held('v1', 'ConfigMap', { data: { 'a.json': JSON.stringify(policy) } }),
      [],
      ['data[a.json]'],
    ],
    [
      'a Kustomization of Flux',
      patching('- {op: add, path: /spec/egress/-, value: {}}', { kind: 'NetworkPolicy' }),
      [],
      ['spec.patches[0]'],
    ],
    ['one without a target', patching('- {op: add, path: /spec/egress/-, value: {}}'), [], ['spec.patches[0]']],
    [
      'one with a pattern for a target',
      patching('- {op: remove, path: /spec/ingress}', { kind: 'N.*' }),
      [],
      ['spec.patches[0]'],
    ],
    [
      'one that says of what it is',
      patching('kind: "Network\\x50olicy"\nmetadata: {name: a}'),
      [],
      ['spec.patches[0]'],
    ],
    [
      'a Tenant of Capsule',
      held('capsule.clastix.io/v1beta2', 'Tenant', { spec: { networkPolicies: { items: [spec] } } }),
      [],
      ['spec.networkPolicies.items[0]'],
    ],
    [
      'a ConfigMap of a ClusterResourceSet',
      held('v1', 'ConfigMap', { data: { 'a.yaml': 'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n' } }),
      [],
      ['data[a.yaml]'],
    ],
  ])('of %s', (_, found, judged, others) => {
    expect(found).toEqual({ judged, others });
  });

  it.each([
    [
      'an owner',
      { metadata: { ownerReferences: [{ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', name: 'a' }] } },
    ],
    [
      'a schema',
      { spec: { properties: { podSelector: { properties: {}, type: 'object' }, egress: { type: 'array' } } } },
    ],
    ['a rule that matches policies', { spec: { rules: [{ match: { kinds: ['NetworkPolicy'] } }] } }],
    [
      'a rule that compares policies with a pattern',
      { spec: { rules: [{ match: { kinds: ['NetworkPolicy'] }, validate: { pattern: { spec } } }] } },
    ],
    [
      'a patch of another kind',
      { spec: { patches: [{ patch: '- {op: add, path: /spec}', target: { kind: 'Service' } }] } },
    ],
    ['a patch of replicas', { spec: { patches: [{ patch: '- {op: add, path: /spec/replicas}' }] } }],
    ['a patch that cannot be read', { spec: { patches: [{ patch: 'a: [', target: { kind: 'NetworkPolicy' } }] } }],
    ['a text about policies', { data: { 'a.md': 'a kind: NetworkPolicy of networking.k8s.io/v1' } }],
    ['a disruption budget', { spec: { podSelector: { matchLabels: { app: 'a' } }, minAvailable: 1 } }],
  ])('%s is none', (_, value) => {
    expect(held('example.org/v1', 'Thing', value)).toEqual({ judged: [], others: [] });
  });
});

it('a text is read once in a document, however often aliases repeat it', () => {
  const texts = new ReadTexts();
  const patch = '- {op: add, path: /a}';
  heldPolicies({ apiVersion: 'a.io/v1', kind: 'A', value: { spec: { patches: [{ patch, target: {} }] } } }, texts);
  expect(texts.valuesOf(patch)).toBe(texts.valuesOf(patch));
});
