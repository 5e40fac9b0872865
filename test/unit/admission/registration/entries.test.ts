import { expect, test } from 'vitest';
import { webhookEntries } from '../../../../src/admission/registration/entries.ts';
import { webhookConfigurations } from '../../../../src/admission/registration/webhook-configurations.ts';
import { SYSTEM_NAMESPACE_NAMES, SYSTEM_NAMESPACES } from '../../../../src/policy/model/system-namespaces.ts';

const RELEASE = { namespace: 'netpol-guard', serviceAccount: 'guard' };
const NAME_LABEL = 'kubernetes.io/metadata.name';
const OURSELVES =
  "!(has(request.userInfo.username) && request.userInfo.username == 'system:serviceaccount:netpol-guard:guard')";

test('the entries are those of the design, in its words', () => {
  expect(
    webhookEntries(RELEASE).map(({ name, kind, path, failurePolicy, removable, rules }) => [
      name,
      kind,
      rules
        .map(({ apiGroups, apiVersions, resources, operations }) =>
          [apiGroups, apiVersions, resources, operations].join(' '),
        )
        .join(),
      path,
      failurePolicy,
      removable,
    ]),
  ).toEqual([
    [
      'policies.netpol-guard.io',
      'validating',
      'networking.k8s.io v1 networkpolicies CREATE,UPDATE',
      '/validate',
      'Fail',
      false,
    ],
    [
      'policies-delete.netpol-guard.io',
      'validating',
      'networking.k8s.io v1 networkpolicies DELETE',
      '/validate',
      'Ignore',
      true,
    ],
    [
      'dns-plane.netpol-guard.io',
      'validating',
      'networking.k8s.io v1 networkpolicies CREATE,UPDATE',
      '/validate',
      'Ignore',
      true,
    ],
    ['labels.netpol-guard.io', 'validating', ' v1 namespaces CREATE,UPDATE', '/validate', 'Ignore', false],
    ['opt-out.netpol-guard.io', 'validating', ' v1 namespaces CREATE,UPDATE', '/opt-out', 'Ignore', true],
    ['gate.netpol-guard.io', 'validating', ' v1 pods CREATE', '/gate', 'Ignore', true],
    ['baseline.netpol-guard.io', 'mutating', ' v1 namespaces CREATE,UPDATE', '/mutate', 'Ignore', false],
  ]);
});

test('all skip our own ServiceAccount, and no rule has a wildcard or a subresource', () => {
  for (const { matchConditions, rules } of webhookEntries(RELEASE)) {
    expect(matchConditions.map(({ expression }) => expression)).toContain(OURSELVES);
    expect(rules.flatMap(({ resources }) => resources).join()).not.toMatch(/[*/]/);
  }
});

test('all but dns-plane leave out system namespaces, and the release', () => {
  const names = [...SYSTEM_NAMESPACE_NAMES, 'netpol-guard'].sort();
  const globs = SYSTEM_NAMESPACES.filter((namespace) => namespace.includes('*'));
  expect(globs.every((glob) => /^[^*]+\*$/.test(glob))).toBe(true);
  for (const { name, namespaceSelector, matchConditions } of webhookEntries(RELEASE)) {
    if (name.startsWith('dns-plane')) continue;
    const conditions = matchConditions.map(({ expression }) => expression).join('\n');
    for (const glob of globs) expect(conditions).toContain(`.startsWith('${glob.slice(0, -1)}')`);
    if (name.startsWith('baseline')) {
      expect(conditions).toContain(`object.metadata.name in [${names.map((system) => `'${system}'`).join(', ')}]`);
    } else {
      expect(namespaceSelector.matchExpressions?.[0]).toEqual({ key: NAME_LABEL, operator: 'NotIn', values: names });
    }
  }
});

test('the gate is for pods of namespaces that are pending', () => {
  const gate = webhookEntries(RELEASE).find(({ name }) => name === 'gate.netpol-guard.io');
  expect(gate?.timeoutSeconds).toBe(5);
  expect(gate?.namespaceSelector.matchExpressions).toContainEqual({
    key: 'netpol-guard.io/baseline-status',
    operator: 'In',
    values: ['pending'],
  });
});

test('the mutating entry is called again where another webhook has changed the namespace since', () => {
  const [, mutating] = webhookConfigurations(RELEASE, { url: 'https://127.0.0.1:10250' });
  expect(mutating).toMatchObject({
    kind: 'MutatingWebhookConfiguration',
    webhooks: [
      {
        name: 'baseline.netpol-guard.io',
        reinvocationPolicy: 'IfNeeded',
        clientConfig: { url: 'https://127.0.0.1:10250/mutate' },
      },
    ],
  });
});

test('who has the verb exempt is not asked about excluded names, and everybody else is', () => {
  const condition = (excludedNamespaces: readonly string[]) =>
    webhookEntries({ ...RELEASE, excludedNamespaces })
      .find(({ kind }) => kind === 'mutating')
      ?.matchConditions.find(({ name }) => name === 'not-excluded-by-somebody-exempt')?.expression;
  expect(condition(['ci-*', 'a.b'])).toContain("!(['^-$', '^a[.]b$', '^ci-.*$'].exists(p, ");
  expect(condition(['ci-*'])).toMatch(/\.matches\(p\)\) && authorizer\..*\.check\('exempt'\)\.allowed\(\)\)$/);
  // CEL knows no empty list of strings by itself, and an empty pattern would match every name.
  expect(condition([])).toContain("!(['^-$'].exists(p, ");
});

test('dns-plane is for system and DNS namespaces, without the release', () => {
  const values = (release: Parameters<typeof webhookEntries>[0]) =>
    webhookEntries(release).find(({ name }) => name === 'dns-plane.netpol-guard.io')?.namespaceSelector
      .matchExpressions;
  expect(values({ ...RELEASE, dnsNamespaces: ['dns'] })).toEqual([
    { key: NAME_LABEL, operator: 'In', values: [...SYSTEM_NAMESPACE_NAMES, 'dns', 'openshift-dns'].sort() },
  ]);
  expect(values({ ...RELEASE, namespace: 'kube-system' })?.[0]?.values).not.toContain('kube-system');
});

test('deletions by the controllers that empty a namespace are left alone', () => {
  const entry = webhookEntries(RELEASE).find(({ name }) => name === 'policies-delete.netpol-guard.io');
  expect(entry?.matchConditions.map(({ expression }) => expression)).toContain(
    "!(has(request.userInfo.username) && request.userInfo.username in ['system:serviceaccount:kube-system:namespace-controller', 'system:serviceaccount:kube-system:generic-garbage-collector', 'system:kube-controller-manager'])",
  );
});

test('expressions ask for every field that may be missing before they read it', () => {
  for (const { matchConditions } of webhookEntries(RELEASE)) {
    for (const { expression } of matchConditions) {
      const fields =
        expression.match(/(request\.userInfo\.username|request\.namespace|\b\w+\.metadata\.(name|labels))/g) ?? [];
      for (const field of fields) expect(expression).toContain(`has(${field})`);
      if (expression.includes('oldObject.')) expect(expression).toContain('oldObject != null && has(oldObject');
    }
  }
});

test('opt-out is about nothing: it is there for a rollback to the version before, which fails closed', () => {
  const optOut = webhookEntries(RELEASE).find(({ name }) => name.startsWith('opt-out'));
  expect(optOut?.matchConditions.map(({ expression }) => expression)).toContain('false');
});

test('what can be switched off is a configuration of its own', () => {
  const configurations = webhookConfigurations(RELEASE, { url: 'https://127.0.0.1:10250', caBundle: 'Q0E=' });
  expect(configurations.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
    'ValidatingWebhookConfiguration netpol-guard',
    'MutatingWebhookConfiguration netpol-guard',
    'ValidatingWebhookConfiguration netpol-guard-policies-delete',
    'ValidatingWebhookConfiguration netpol-guard-dns-plane',
    'ValidatingWebhookConfiguration netpol-guard-opt-out',
    'ValidatingWebhookConfiguration netpol-guard-gate',
  ]);
  expect(configurations[2]).toEqual({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'netpol-guard-policies-delete' },
    webhooks: [
      {
        name: 'policies-delete.netpol-guard.io',
        failurePolicy: 'Ignore',
        timeoutSeconds: 5,
        rules: [
          {
            apiGroups: ['networking.k8s.io'],
            apiVersions: ['v1'],
            resources: ['networkpolicies'],
            operations: ['DELETE'],
            scope: 'Namespaced',
          },
        ],
        namespaceSelector: expect.anything(),
        matchConditions: expect.anything(),
        clientConfig: { url: 'https://127.0.0.1:10250/validate', caBundle: 'Q0E=' },
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        matchPolicy: 'Equivalent',
      },
    ],
  });
});

test('a Service is called with the path of each entry', () => {
  const service = { namespace: 'netpol-guard', name: 'webhook', port: 443 };
  const [first] = webhookConfigurations(RELEASE, { service });
  expect(first?.webhooks).toMatchObject([
    { name: 'policies.netpol-guard.io', clientConfig: { service: { ...service, path: '/validate' } } },
    { name: 'labels.netpol-guard.io', clientConfig: { service: { ...service, path: '/validate' } } },
  ]);
});
