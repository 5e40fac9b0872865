import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { policyObjects, type Rendering } from '../../src/admission-policies/objects.ts';
import { readConfiguration } from '../../src/config/load.ts';
import { COMBINATIONS } from './combinations.ts';
import { CHART, findHelm, type KubeObject, oneOf, RELEASE, type Release, type Values } from './helm.ts';

const helm = await findHelm(4);

/** Where the rescue command stands. */
const RESCUING = {
  'NOTES.txt': () => readFileSync(join(CHART, 'templates', 'NOTES.txt'), 'utf8'),
  'README.md': () => readFileSync(join(CHART, 'README.md'), 'utf8'),
  'docs/break-glass.md': () => readFileSync(join(CHART, '../../docs/break-glass.md'), 'utf8'),
};

const isPolicy = ({ kind }: KubeObject) => kind.startsWith('ValidatingAdmissionPolicy');

type Named = Pick<KubeObject, 'kind' | 'metadata'>;

/** Helm has an order of its own. */
const sorted = (objects: readonly Named[]) =>
  objects.toSorted((a, b) => (`${a.metadata.name} ${a.kind}` < `${b.metadata.name} ${b.kind}` ? -1 : 1));

/** What the program renders for the configuration that the chart wrote. */
function wanted(objects: readonly KubeObject[], release: Release, more: Partial<Rendering>): readonly Named[] {
  const { 'config.yaml': text = '' } = oneOf(objects, 'ConfigMap', `${release.name}-config`)['data'] as Record<
    string,
    string
  >;
  const own = { namespace: release.namespace, serviceAccount: release.name, ...more.own };
  const { settings } = readConfiguration(text, 'the ConfigMap', { own });
  return policyObjects(settings, {
    creators: [],
    failsClosed: true,
    enforcement: 'enforce',
    isStatic: false,
    ...more,
    own,
  });
}

/** Without what Helm puts on everything. */
function rendered(objects: readonly KubeObject[]): readonly Named[] {
  return objects.filter(isPolicy).map(({ metadata, ...rest }) => {
    const { name, annotations = {} } = metadata;
    return { ...rest, metadata: { name, annotations } };
  });
}

interface Case {
  readonly what: string;
  readonly values?: Values;
  readonly release?: Release;
  readonly more?: Partial<Rendering>;
}

const manifest = (name: string) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name },
  spec: { podSelector: {}, policyTypes: ['Ingress'] },
});

const CASES: readonly Case[] = [
  { what: 'the defaults' },
  { what: 'another release', release: { name: 'guard', namespace: 'security' } },
  {
    what: 'an account with a name',
    values: { serviceAccount: { name: 'guardian' } },
    more: { own: { namespace: 'netpol-guard', serviceAccount: 'guardian' } },
  },
  { what: 'audit', values: { enforcement: 'audit' }, more: { enforcement: 'audit', failsClosed: false } },
  { what: 'warn', values: { enforcement: 'warn' }, more: { enforcement: 'warn', failsClosed: false } },
  {
    what: 'warn, and a webhook that fails closed',
    values: { enforcement: 'warn', webhook: { policies: { failurePolicy: 'Fail' } } },
    more: { enforcement: 'warn' },
  },
  { what: 'a level that YAML takes for false', values: { config: { enforce: false } } },
  { what: 'no baseline', values: { config: { baseline: { template: 'none' } } } },
  { what: 'all of the configuration', values: COMBINATIONS['the configuration, all of it'] ?? {} },
  {
    what: 'exemptions of every kind',
    values: {
      exemptNamespaces: ['istio-system', 'argocd'],
      config: {
        exemptions: {
          namespaces: ['sandbox-*', 'a.b-?'],
          users: ['re"store', "o'brien", '<&>', 'b'],
          groups: ['platform:\\team'],
          entries: [
            { namespace: 'legacy', reason: 'old' },
            { namespace: 'x-*', name: 'p?', rules: ['baseline-modified'], reason: 'old' },
            { namespace: 'y', rules: ['dns-blocked'], reason: 'old' },
            { namespace: '*', name: 'z', reason: 'old' },
            { namespace: '?*', name: 'z', reason: 'old' },
          ],
        },
      },
    },
  },
  {
    what: 'templates of its own',
    values: {
      config: {
        baseline: {
          template: 'own',
          existingNamespaces: 'adopt',
          templates: {
            own: [{ part: 'allow-dns' }, { part: 'default-deny-egress' }, manifest('web')],
            shut: [manifest('netpol-guard-shut')],
          },
        },
      },
    },
  },
  {
    what: 'DNS in other namespaces',
    values: { dnsNamespaces: ['default', 'dns'] },
  },
  { what: 'repairs', values: { config: { dnsBlocked: { onDelete: 'repair' } } } },
  {
    what: 'DNS servers by the names of their namespaces',
    values: {
      config: {
        dns: {
          servers: [
            { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'dns' } } },
            {
              namespaceSelector: {
                matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: ['b', 'a'] }],
              },
            },
            { ipBlocks: ['10.0.0.9/32'] },
          ],
          ports: [53, 5353],
          anywhereThreshold: '1/2',
        },
      },
    },
  },
  {
    what: 'DNS by presets, and in namespaces of the system',
    values: {
      dnsNamespaces: ['dns', 'calico-system'],
      config: { dns: { presets: ['openshift', 'coredns-chart', 'node-local-dns'] } },
    },
  },
  {
    what: 'a webhook that fails open',
    values: { webhook: { policies: { failurePolicy: 'Ignore' } } },
    more: { failsClosed: false },
  },
  {
    what: 'a webhook that is not asked about everything',
    values: { webhook: { policies: { matchConditions: [{ name: 'mine', expression: 'true' }] } } },
    more: { failsClosed: false },
  },
  {
    what: 'more accounts that create namespaces, and a rule that only warns',
    values: {
      admissionPolicies: { names: { allowedUsers: ['system:serviceaccount:ops:x', 'a'] } },
      config: { rules: { 'baseline-modified': 'warn' } },
    },
    more: { creators: ['system:serviceaccount:ops:x', 'a'] },
  },
  { what: 'a rule that is off', values: { config: { rules: { 'baseline-modified': false } } } },
];

describe('the admission policies of the chart', () => {
  it.each(CASES)('are those of the program, hash and all: $what', ({ values = {}, release = RELEASE, more = {} }) => {
    const objects = helm.render(values, release);
    expect(sorted(rendered(objects))).toEqual(sorted(wanted(objects, release, more)));
  });

  it.each(['optOut', 'baseline', 'leaving', 'names', 'fence'])('go one by one: %s', (key) => {
    const name = `netpol-guard-${key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    const names = (values: Values) =>
      helm
        .render(values)
        .filter(isPolicy)
        .map(({ metadata }) => metadata.name);
    const left = names({ admissionPolicies: { [key]: { enabled: false } } });
    expect(left).toEqual(names({}).filter((one) => one !== name));
    expect(left).toHaveLength(names({}).length - 2);
  });

  it('judge openings where the webhook fails open, or where the values say so', () => {
    const has = (values: Values) =>
      helm.render(values).some(({ metadata }) => metadata.name === 'netpol-guard-openings');
    expect(has({})).toBe(false);
    expect(has({ webhook: { policies: { failurePolicy: 'Ignore' } } })).toBe(true);
    expect(has({ enforcement: 'warn' })).toBe(true);
    expect(has({ enforcement: 'audit', webhook: { policies: { failurePolicy: 'Fail' } } })).toBe(false);
    expect(has({ admissionPolicies: { openings: { enabled: true } } })).toBe(true);
    const off = { enabled: false };
    expect(has({ webhook: { policies: { failurePolicy: 'Ignore' } }, admissionPolicies: { openings: off } })).toBe(
      false,
    );
  });

  it.each(['warn', 'audit'])('deny nothing under the preset %s', (enforcement) => {
    const bindings = helm.render({ enforcement }).filter(({ kind }) => kind === 'ValidatingAdmissionPolicyBinding');
    expect(bindings).toHaveLength(6);
    expect(JSON.stringify(bindings)).not.toContain('Deny');
  });

  it.each(['NOTES.txt', 'README.md', 'docs/break-glass.md'] as const)(
    'are all among what the rescue command of %s removes',
    (page) => {
      const all = helm.render({ admissionPolicies: { openings: { enabled: true } } });
      const bindings = all.filter(({ kind }) => kind === 'ValidatingAdmissionPolicyBinding');
      const webhooks = all.filter(({ kind }) => kind.endsWith('WebhookConfiguration'));
      expect(bindings.length).toBeGreaterThan(5);
      const [, names = ''] =
        /kubectl delete .*,validatingadmissionpolicybinding .*\\\n(.*)/.exec(RESCUING[page]()) ?? [];
      for (const { metadata } of [...bindings, ...webhooks]) expect(names.trim().split(' ')).toContain(metadata.name);
    },
  );

  it('are all among what the page takes off by themselves', () => {
    const all = helm.render({ admissionPolicies: { openings: { enabled: true } } });
    const [, names = ''] =
      /^kubectl delete validatingadmissionpolicybinding --ignore-not-found ([^]*?)```/m.exec(
        RESCUING['docs/break-glass.md'](),
      ) ?? [];
    const bindings = all.filter(({ kind }) => kind === 'ValidatingAdmissionPolicyBinding');
    expect(
      names
        .split(/[\s\\]+/)
        .filter(Boolean)
        .toSorted(),
    ).toEqual(bindings.map(({ metadata }) => metadata.name).toSorted());
  });
});
