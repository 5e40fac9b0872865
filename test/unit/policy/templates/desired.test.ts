import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checked } from '../../../../src/objects/faults.ts';
import { readNetworkPolicy } from '../../../../src/policy/dialects/network-policy/network-policy.ts';
import { specText } from '../../../../src/policy/dialects/network-policy/spec-text.ts';
import { DNS_PRESETS } from '../../../../src/policy/dns/presets.ts';
import { PART_NAMES, type Template, type TemplateItem } from '../../../../src/policy/model/template.ts';
import { type Desired, desiredPolicies } from '../../../../src/policy/templates/desired.ts';
import type { BaselineFacts } from '../../../../src/policy/templates/parts.ts';
import { AddressSet } from '../../../../src/sets/address-set.ts';
import { BOTH_53, TO_DNS } from '../fixtures.ts';

interface Given {
  readonly isKnown?: boolean;
  readonly preset?: string;
  readonly apiServer?: readonly string[];
}

function factsOf({
  isKnown = true,
  preset = 'kube-dns',
  apiServer = ['10.0.0.2:6443', '[fd00::2]:6443'],
}: Given = {}): BaselineFacts {
  const worlds = [{ name: preset, servers: DNS_PRESETS.get(preset) ?? [] }];
  return {
    dns: { worlds, namespaces: new Map(), blockAddresses: AddressSet.empty, discovered: true, isKnown },
    services: { ranges: AddressSet.empty, apiServerEndpoints: apiServer },
  };
}

const template = (...items: readonly TemplateItem[]): Template => ({ name: 'own', items });
const names = ({ policies }: Desired) => policies.map(({ name }) => name.replace('netpol-guard-', ''));
const specOf = ({ policies }: Desired, name: string) =>
  policies.find((policy) => policy.name === `netpol-guard-${name}`)?.spec;

const part = fc.oneof(
  fc.constantFrom(...PART_NAMES.filter((name) => name !== 'allow-ingress-from')).map((name) => ({ part: name })),
  fc
    .subarray(['gateway', 'monitoring'], { minLength: 1 })
    .map((namespaces) => ({ part: 'allow-ingress-from' as const, namespaces })),
  fc.constant({ part: 'allow-api-server' as const, blocks: ['10.9.0.0/16'] }),
);
const manifest = fc.constantFrom<TemplateItem>(
  { name: 'netpol-guard-web', spec: { podSelector: { matchLabels: { app: 'web' } } } },
  { name: 'netpol-guard-out', spec: { policyTypes: ['Egress'], egress: [{ to: [{ podSelector: {} }] }] } },
);
const templates = fc.uniqueArray(fc.oneof(part, manifest), { maxLength: 6 }).map((items) => template(...items));
const facts = fc
  .record({
    isKnown: fc.boolean(),
    preset: fc.constantFrom(...DNS_PRESETS.keys()),
    apiServer: fc.constantFrom([], ['10.0.0.2:443']),
  })
  .map(factsOf);

describe('what a template asks for', () => {
  it('is one policy for each item, or waits', () => {
    fc.assert(
      fc.property(templates, facts, (of, given) => {
        const { policies, waiting } = desiredPolicies(of, given);
        expect(policies.length + waiting.length).toBe(of.items.length);
      }),
    );
  });

  it('comes in an order in which no policy shuts before others have opened', () => {
    fc.assert(
      fc.property(templates, facts, (of, given) => {
        const opens = desiredPolicies(of, given).policies.map(({ text }) => /"(egress|ingress)":/.test(text));
        expect(opens).toEqual([...opens].sort((a, b) => Number(b) - Number(a)));
      }),
    );
  });

  it('isolates nobody for egress while no resolver is known', () => {
    fc.assert(
      fc.property(templates, (of) => {
        const { policies } = desiredPolicies(of, factsOf({ isKnown: false }));
        expect(policies.filter(({ text }) => /"policyTypes":\[[^\]]*"Egress"/.test(text))).toEqual([]);
      }),
    );
  });

  it('is what every API server takes, and spelt in its own text', () => {
    fc.assert(
      fc.property(templates, facts, (of, given) => {
        for (const { name, spec, text } of desiredPolicies(of, given).policies) {
          const object = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name }, spec };
          expect(checked((faults) => readNetworkPolicy(object, '', faults)).problems).toEqual([]);
          expect(text).toBe(specText(JSON.parse(text)));
        }
      }),
    );
  });

  it('states every list of a part, empty ones too, so that nobody else’s items stay', () => {
    fc.assert(
      fc.property(part, facts, (item, given) => {
        for (const { spec } of desiredPolicies(template({ part: 'default-deny' }, item), given).policies) {
          expect(Object.keys(spec).sort()).toEqual(['egress', 'ingress', 'podSelector', 'policyTypes']);
        }
      }),
    );
  });

  it('is the same object for the same facts, and another for others', () => {
    const [of, given] = [template({ part: 'allow-dns' }), factsOf()];
    expect(desiredPolicies(of, given)).toBe(desiredPolicies(of, given));
    const moved = { ...given, services: { ...given.services, apiServerEndpoints: [] } };
    expect(desiredPolicies(of, moved)).not.toBe(desiredPolicies(of, given));
  });

  it('follows a template that was given other items under its name', () => {
    const given = factsOf();
    expect(names(desiredPolicies(template({ part: 'allow-dns' }), given))).toEqual(['allow-dns']);
    expect(names(desiredPolicies(template({ part: 'default-deny' }), given))).toEqual(['default-deny']);
  });

  it('allows DNS where the servers are', () => {
    const desired = desiredPolicies(template({ part: 'allow-dns' }), factsOf());
    expect(specOf(desired, 'allow-dns')).toMatchObject({ egress: [{ to: TO_DNS, ports: BOTH_53 }] });
    const moved = desiredPolicies(template({ part: 'allow-dns' }), factsOf({ preset: 'gke-cloud-dns' }));
    expect(specOf(moved, 'allow-dns')).toMatchObject({
      egress: [{ to: [{ ipBlock: { cidr: '169.254.169.254/32' } }] }],
    });
  });

  it('allows the API server at its endpoints and their port, and waits while there are none', () => {
    const of = template({ part: 'allow-api-server', blocks: ['10.9.0.0/16'] });
    expect(specOf(desiredPolicies(of, factsOf()), 'allow-api-server')).toMatchObject({
      egress: [
        {
          to: ['10.0.0.2/32', 'fd00::2/128', '10.9.0.0/16'].map((cidr) => ({ ipBlock: { cidr } })),
          ports: [{ protocol: 'TCP', port: 6443 }],
        },
      ],
    });
    expect(desiredPolicies(of, factsOf({ apiServer: [] })).waiting).toEqual(['netpol-guard-allow-api-server']);
  });

  it.each([
    ['default-deny', ['Ingress', 'Egress']],
    ['default-deny-ingress', ['Ingress']],
    ['default-deny-egress', ['Egress']],
  ] as const)('allows traffic within the namespace in the directions that %s shuts', (deny, policyTypes) => {
    const desired = desiredPolicies(template({ part: deny }, { part: 'allow-same-namespace' }), factsOf());
    expect(names(desired)).toEqual(['allow-same-namespace', 'default-deny']);
    expect(specOf(desired, 'allow-same-namespace')).toMatchObject({ policyTypes });
  });

  it('lets the pods of named namespaces in', () => {
    const of = template({ part: 'allow-ingress-from', namespaces: ['monitoring', 'gateway'] });
    const values = ['gateway', 'monitoring'];
    const namespaceSelector = {
      matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values }],
    };
    expect(specOf(desiredPolicies(of, factsOf()), 'allow-ingress-from')).toMatchObject({
      policyTypes: ['Ingress'],
      ingress: [{ from: [{ namespaceSelector }] }],
    });
  });
});
