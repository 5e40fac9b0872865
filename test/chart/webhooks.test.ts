import { describe, expect, it } from 'vitest';
import type { Release as Registered } from '../../src/admission/registration/entries.ts';
import {
  type WebhookClientConfig,
  type WebhookConfiguration,
  webhookConfigurations,
} from '../../src/admission/registration/webhook-configurations.ts';
import { ADD_ON_NAMESPACES } from '../../src/policy/model/add-on-namespaces.ts';
import { PEM } from './combinations.ts';
import { findHelm, type KubeObject, oneOf, RELEASE, type Release, type Values } from './helm.ts';

const helm = await findHelm(4);

const registered = (objects: readonly KubeObject[]) =>
  objects
    .filter(({ kind }) => kind.endsWith('WebhookConfiguration'))
    .map(({ metadata: { name }, ...rest }) => ({ ...rest, metadata: { name } }));

const byName = (one: { metadata: { name: string }; kind: string }) => `${one.kind} ${one.metadata.name}`;
const sorted = <T extends { metadata: { name: string }; kind: string }>(objects: readonly T[]) =>
  objects.toSorted((a, b) => (byName(a) < byName(b) ? -1 : 1));

const service = ({ name, namespace }: Release): WebhookClientConfig => ({ service: { name, namespace, port: 443 } });

interface Case {
  readonly what: string;
  readonly values?: Values;
  readonly release?: Release;
  readonly expected?: Partial<Registered>;
  readonly reach?: WebhookClientConfig;
}

const CASES: readonly Case[] = [
  { what: 'the defaults' },
  { what: 'another release', release: { name: 'guard', namespace: 'security' } },
  { what: 'a release in default', release: { name: 'g', namespace: 'default' } },
  { what: 'a namespace that sorts first', release: { name: 'guard-2', namespace: '0-guard' } },
  {
    what: 'a release in a namespace of DNS',
    values: { dnsNamespaces: ['netpol-guard', 'dns'] },
    expected: { dnsNamespaces: ['netpol-guard', 'dns'] },
  },
  {
    what: 'an account with a name',
    values: { serviceAccount: { name: 'guardian' } },
    expected: { serviceAccount: 'guardian' },
  },
  {
    what: 'exempt namespaces',
    values: { exemptNamespaces: ['istio-system', 'argocd', 'argocd'] },
    expected: {
      exemptNamespaces: ['istio-system', 'argocd'],
      excludedNamespaces: ['istio-system', 'argocd', ...ADD_ON_NAMESPACES],
    },
  },
  {
    what: 'an exempt system namespace',
    values: { exemptNamespaces: ['kube-system'] },
    expected: { excludedNamespaces: ['kube-system', ...ADD_ON_NAMESPACES] },
  },
  {
    what: 'excluded names',
    values: { config: { baseline: { excludedNamespaces: ['ci-*', 'a.b-?'] } } },
    expected: { excludedNamespaces: ['ci-*', 'a.b-?'] },
  },
  {
    what: 'an address',
    values: { webhook: { url: 'https://guard.example:8443/' } },
    reach: { url: 'https://guard.example:8443' },
  },
  {
    what: 'a CA',
    values: { tls: { mode: 'existingSecret', existingSecret: 'tls', caBundle: PEM } },
    reach: { ...service(RELEASE), caBundle: Buffer.from(PEM).toString('base64') },
  },
];

const webhooksOf = (values: Values) =>
  registered(helm.render(values)).flatMap((one) => (one as unknown as { webhooks: readonly Webhook[] }).webhooks);

/** As the chart has it where the process writes the paths. */
const withoutPaths = (configuration: WebhookConfiguration): WebhookConfiguration => ({
  ...configuration,
  webhooks: (configuration.webhooks as readonly Webhook[]).map((webhook) => {
    const { path: _, ...service } = webhook.clientConfig.service ?? {};
    return { ...webhook, clientConfig: { ...webhook.clientConfig, service } };
  }),
});

describe('the webhook configurations of the chart', () => {
  it.each(CASES)('are those of the program: $what', ({ values = {}, release = RELEASE, expected = {}, reach }) => {
    const { name, namespace } = release;
    const wanted = webhookConfigurations(
      {
        namespace,
        serviceAccount: name,
        dnsNamespaces: ['kube-system'],
        excludedNamespaces: ADD_ON_NAMESPACES,
        ...expected,
      },
      reach ?? service(release),
    );
    const found = registered(helm.render(values, release));
    const isKept = reach === undefined;
    expect(sorted(found)).toEqual(sorted(isKept ? wanted.map(withoutPaths) : wanted));
  });

  it('never hold a path that the process keeps itself', () => {
    const paths = (values: Values) => webhooksOf(values).map(({ clientConfig }) => clientConfig.service?.path);
    expect(new Set(paths({}))).toEqual(new Set([undefined]));
    expect(new Set(paths({ tls: { mode: 'certManager' } }))).toEqual(
      new Set(['/validate', '/gate', '/mutate', '/opt-out']),
    );
  });

  it('have the secret in every path, by Service or address', () => {
    const pathSecret = 'a'.repeat(32);
    const byService = webhooksOf({ tls: { mode: 'certManager' }, webhook: { pathSecret } });
    const byUrl = webhooksOf({ webhook: { pathSecret, url: 'https://guard.example:8443/' } });
    const paths = ['/gate', '/mutate', '/opt-out', '/validate'].map((path) => `${path}/${pathSecret}`);
    expect([...new Set(byService.map(({ clientConfig }) => clientConfig.service?.path))].toSorted()).toEqual(paths);
    expect([...new Set(byUrl.map(({ clientConfig }) => clientConfig.url))].toSorted()).toEqual(
      paths.map((path) => `https://guard.example:8443${path}`),
    );
  });

  it('are told to the pods, with what is accepted besides', () => {
    const [a, b] = ['a'.repeat(32), 'b'.repeat(32)];
    const told = (webhook: Values) => {
      const objects = helm.render({ tls: { mode: 'certManager' }, webhook });
      const data = objects.find(({ kind, metadata }) => kind === 'Secret' && metadata.name === 'netpol-guard-paths')?.[
        'data'
      ];
      const args = JSON.stringify(oneOf(objects, 'Deployment'));
      expect(args.includes('--path-secret-file=/etc/netpol-guard-paths/path-secrets')).toBe(data !== undefined);
      return data && Buffer.from((data as Record<string, string>)['path-secrets'] ?? '', 'base64').toString();
    };
    expect(told({})).toBeUndefined();
    expect(told({ pathSecret: a })).toBe(a);
    expect(told({ otherPathSecrets: [b] })).toBe(`/\n${b}`);
    expect(told({ pathSecret: a, otherPathSecrets: ['/', b, a] })).toBe(`${a}\n/\n${b}`);
  });

  it('never hold a caBundle that the process keeps itself', () => {
    const text = helm.template().stdout;
    expect(text).toContain('kind: ValidatingWebhookConfiguration');
    expect(text).not.toContain('caBundle');
  });

  it('are called as little as the values say, and system namespaces are left out all the same', () => {
    const settings = {
      timeoutSeconds: 7,
      namespaceSelector: {
        matchLabels: { team: 'shop' },
        matchExpressions: [{ key: 'stage', operator: 'NotIn', values: ['sandbox'] }],
      },
      matchConditions: [{ name: 'mine', expression: 'true' }],
    };
    const keys = ['policies', 'policiesDelete', 'dnsPlane', 'namespaceLabels', 'gate', 'baseline'];
    const isAsked = ({ name }: Webhook) => name !== 'opt-out.netpol-guard.io';
    const before = webhooksOf({}).filter(isAsked);
    const after = webhooksOf({ webhook: Object.fromEntries(keys.map((key) => [key, settings])) }).filter(isAsked);
    expect(after.map(({ name }) => name)).toEqual(before.map(({ name }) => name));
    expect(after).toHaveLength(keys.length);
    for (const [i, webhook] of after.entries()) {
      const standing = before[i];
      if (standing === undefined) throw new Error('no such webhook');
      expect(webhook).toEqual({
        ...standing,
        timeoutSeconds: 7,
        namespaceSelector: {
          matchLabels: { team: 'shop' },
          matchExpressions: [
            ...(standing.namespaceSelector.matchExpressions ?? []),
            ...settings.namespaceSelector.matchExpressions,
          ],
        },
        matchConditions: [...standing.matchConditions, ...settings.matchConditions],
      });
    }
  });

  it.each([
    ['policies', 'policies'],
    ['namespaceLabels', 'labels'],
    ['gate', 'gate'],
    ['baseline', 'baseline'],
  ])('fail as the values say: %s', (key, name) => {
    for (const failurePolicy of ['Fail', 'Ignore']) {
      const found = webhooksOf({ webhook: { [key]: { failurePolicy } } });
      expect(found.find((one) => one.name === `${name}.netpol-guard.io`)?.failurePolicy).toBe(failurePolicy);
    }
  });

  it.each([
    ['enforce', 'Fail'],
    ['warn', 'Ignore'],
    ['audit', 'Ignore'],
  ])('fail as the preset has it where the values say nothing: %s', (enforcement, expected) => {
    const found = (failurePolicy?: string | null) =>
      webhooksOf({ enforcement, webhook: { policies: { failurePolicy } } }).find(
        ({ name }) => name === 'policies.netpol-guard.io',
      )?.failurePolicy;
    expect([undefined, '', null].map(found)).toEqual([expected, expected, expected]);
    expect(['Fail', 'Ignore'].map(found)).toEqual(['Fail', 'Ignore']);
  });

  it.each([
    [{ webhook: { policiesDelete: { enabled: false } } }, 'netpol-guard-policies-delete'],
    [{ webhook: { dnsPlane: { enabled: false } } }, 'netpol-guard-dns-plane'],
    [{ config: { gate: { enabled: false } } }, 'netpol-guard-gate'],
  ])('are gone as whole objects: %j', (values, name) => {
    const names = (given: Values) => registered(helm.render(given)).map(byName).toSorted();
    const wanted = names({}).filter((one) => one !== `ValidatingWebhookConfiguration ${name}`);
    expect(names(values)).toEqual(wanted);
    expect(wanted).toHaveLength(names({}).length - 1);
  });

  it('tell cert-manager where the CA is', () => {
    const all = helm
      .render({ tls: { mode: 'certManager' } })
      .filter(({ kind }) => kind.endsWith('WebhookConfiguration'));
    const annotations = all.map(({ metadata }) => metadata.annotations?.['cert-manager.io/inject-ca-from']);
    expect(new Set(annotations)).toEqual(new Set(['netpol-guard/netpol-guard-tls']));
    expect(JSON.stringify(all)).not.toContain('caBundle');
  });
});

interface Webhook {
  readonly name: string;
  readonly failurePolicy: string;
  readonly clientConfig: { readonly url?: string; readonly service?: { readonly path?: string } };
  readonly namespaceSelector: { readonly matchExpressions?: readonly object[] };
  readonly matchConditions: readonly object[];
}
