import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfiguration } from '../../src/config/load.ts';
import { ADD_ON_NAMESPACES } from '../../src/policy/model/add-on-namespaces.ts';
import { COMBINATIONS } from './combinations.ts';
import { findHelm, type KubeObject, objectsIn, oneOf, RELEASE, type Values } from './helm.ts';

const [helm3, helm4] = [await findHelm(3), await findHelm(4)];

const sorted = (objects: readonly KubeObject[]) => objects.map((object) => JSON.stringify(object)).toSorted();

const CLUSTER_SCOPED: ReadonlySet<string> = new Set([
  'ClusterRole',
  'ClusterRoleBinding',
  'MutatingWebhookConfiguration',
  'ValidatingWebhookConfiguration',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
]);

describe.each(Object.entries(COMBINATIONS))('values: %s', (_what, values) => {
  const rendered = helm4.template(values);
  const objects = rendered.status === 0 ? objectsIn(rendered.stdout) : [];

  it('render, to the same bytes each time, and to the same objects with Helm 3 and 4', () => {
    expect(rendered).toMatchObject({ status: 0, stderr: '' });
    expect(helm4.template(values).stdout).toBe(rendered.stdout);
    expect(sorted(helm3.render(values))).toEqual(sorted(objects));
  });

  it('make objects that are in their namespace, of the release, and there once', () => {
    expect(objects.length).toBeGreaterThan(9);
    const keys = objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace} ${metadata.name}`);
    expect(new Set(keys).size).toBe(keys.length);
    const chart = objects.filter(({ metadata }) => metadata.labels?.['helm.sh/chart'] !== undefined);
    expect(chart.length).toBeGreaterThan(9);
    for (const { kind, metadata } of chart) {
      expect(metadata.namespace === undefined, kind).toBe(CLUSTER_SCOPED.has(kind));
      expect(metadata.labels).toMatchObject({ 'app.kubernetes.io/instance': RELEASE.name });
    }
  });

  it('make a configuration that the program takes', () => {
    const { data } = oneOf(objects, 'ConfigMap', 'netpol-guard-config') as unknown as { data: Record<string, string> };
    expect(() => readConfiguration(data['config.yaml'] ?? '', 'config.yaml')).not.toThrow();
  });

  it('make pods that no other release of the chart is taken for, and that only their own Services select', () => {
    const { spec } = oneOf(objects, 'Deployment') as unknown as { spec: DeploymentSpec };
    const labels = spec.template.metadata.labels;
    expect(labels).toMatchObject(spec.selector.matchLabels);
    for (const { kind, spec: service } of objects as unknown as readonly ServiceLike[]) {
      if (kind === 'Service') expect(service.selector).toEqual(spec.selector.matchLabels);
    }
    const test = objects.find(({ kind }) => kind === 'Pod');
    if (test !== undefined) expect(test.metadata.labels).not.toMatchObject(spec.selector.matchLabels);
  });
});

interface DeploymentSpec {
  readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
  readonly template: { readonly metadata: { readonly labels: Readonly<Record<string, string>> } };
}

interface ServiceLike {
  readonly kind: string;
  readonly spec: { readonly selector: Readonly<Record<string, string>> };
}

describe('helm lint --strict', () => {
  it.each([helm3, helm4])('finds nothing: Helm $version', ({ lint }) => {
    expect(lint()).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('1 chart(s) linted, 0 chart(s) failed'),
    });
  });
});

interface Container {
  readonly resources: { readonly limits: { readonly memory?: string } };
}

function containerOf(objects: readonly KubeObject[]): Container {
  const { spec } = oneOf(objects, 'Deployment') as unknown as {
    spec: { template: { spec: { containers: readonly [Container] } } };
  };
  return spec.template.spec.containers[0];
}

/** How large an installation is, and what becomes of policies while it is down. */
function sized(values: Values) {
  const objects = helm4.render(values);
  const { spec } = oneOf(objects, 'Deployment') as unknown as { spec: { replicas: number } };
  const registered = objects.filter(({ kind }) => kind === 'ValidatingWebhookConfiguration') as unknown as readonly {
    webhooks: readonly { name: string; failurePolicy: string }[];
  }[];
  const entry = registered.flatMap(({ webhooks }) => webhooks).find(({ name }) => name === 'policies.netpol-guard.io');
  const { memory } = containerOf(objects).resources.limits;
  return { replicas: spec.replicas, memory, failurePolicy: entry?.failurePolicy };
}

describe('presets', () => {
  const configured = (values: Values) => {
    const { data } = oneOf(helm4.render(values), 'ConfigMap', 'netpol-guard-config') as unknown as {
      data: Record<string, string>;
    };
    const { configuration } = readConfiguration(data['config.yaml'] ?? '', 'config.yaml');
    const { enforce, warn, audit, baseline, gate, exemptions, dns } = configuration;
    return { enforce, warn, audit, template: baseline.template, gate: gate.enabled, baseline, exemptions, dns };
  };

  it.each([
    ['audit', { enforce: 'off', warn: 'off', audit: 'strict', template: 'none' }],
    ['warn', { enforce: 'off', warn: 'strict', audit: 'strict', template: 'none' }],
    ['enforce', { enforce: 'standard', warn: 'strict', audit: 'strict', template: 'default-deny' }],
  ])('%s is what the contract says', (enforcement, expected) => {
    expect(configured({ enforcement })).toMatchObject(expected);
  });

  it.each([
    [{}, { replicas: 3, memory: '768Mi', failurePolicy: 'Fail', enforce: 'standard' }],
    [{ preset: 'small' }, { replicas: 1, memory: '256Mi', failurePolicy: 'Ignore', enforce: 'standard' }],
    [
      { preset: 'small', enforcement: 'warn' },
      { replicas: 1, memory: '256Mi', failurePolicy: 'Ignore', enforce: 'off' },
    ],
    [{ enforcement: 'warn' }, { replicas: 3, memory: '768Mi', failurePolicy: 'Ignore', enforce: 'off' }],
    [{ enforcement: 'audit' }, { replicas: 3, memory: '768Mi', failurePolicy: 'Ignore', enforce: 'off' }],
    [
      {
        preset: 'small',
        replicas: 2,
        resources: { limits: { memory: '512Mi' } },
        webhook: { policies: { failurePolicy: 'Fail' } },
      },
      { replicas: 2, memory: '512Mi', failurePolicy: 'Fail', enforce: 'standard' },
    ],
  ])('%j is of that size, and fails open or closed', (values, expected) => {
    expect({ ...sized(values), enforce: configured(values).enforce }).toEqual(expected);
  });

  it('ask a node for 128 MiB with preset: small', () => {
    expect(containerOf(helm4.render({ preset: 'small' })).resources).toEqual({
      requests: { cpu: '50m', memory: '128Mi' },
      limits: { memory: '256Mi' },
    });
  });

  it('leave out of the resources what is null, and keep what is not said', () => {
    const requests = { cpu: '100m', memory: '320Mi' };
    for (const { render } of [helm3, helm4]) {
      const { resources } = containerOf(render({ resources: { limits: { memory: null }, claims: [] } }));
      expect(resources).toEqual({ requests, limits: {}, claims: [] });
      expect(containerOf(render({ resources: { limits: null } })).resources).toEqual({ requests });
    }
  });

  it('show the add-ons that get no baseline, and leave them to whoever writes the list', () => {
    expect(configured({}).baseline.excludedNamespaces).toEqual(ADD_ON_NAMESPACES);
    const own = { config: { baseline: { excludedNamespaces: ['ci-*'] } } };
    expect(configured(own).baseline.excludedNamespaces).toEqual(['ci-*']);
    const none = { config: { baseline: { excludedNamespaces: [] } } };
    expect(configured(none).baseline.excludedNamespaces).toEqual([]);
  });

  it('hand on where cluster DNS is looked for, beside all else that is said of it', () => {
    expect(configured({})).toMatchObject({ dns: { namespaces: ['kube-system'] } });
    const values = { dnsNamespaces: ['openshift-dns'], config: { dns: { otherPolicies: 'ignore' } } };
    expect(configured(values)).toMatchObject({ dns: { namespaces: ['openshift-dns'], otherPolicies: 'ignore' } });
    expect(configured({ dnsNamespaces: [] })).toMatchObject({ dns: { namespaces: [] } });
  });

  it('yield to keys that are set, also where these say off', () => {
    const config = { warn: false, audit: 'off', baseline: { existingNamespaces: 'adopt' } };
    expect(configured({ enforcement: 'warn', config })).toMatchObject({
      enforce: 'off',
      warn: 'off',
      audit: 'off',
      template: 'none',
      baseline: { existingNamespaces: 'adopt' },
    });
    const all = { enforce: 'strict', warn: 'standard', baseline: { template: 'default-deny-egress' } };
    expect(configured({ enforcement: 'audit', config: all })).toMatchObject({
      enforce: 'strict',
      warn: 'standard',
      template: 'default-deny-egress',
    });
    expect(configured({ config: { gate: { enabled: false } } })).toMatchObject({ gate: false });
  });

  it('exempt in the program what the API server never asks about', () => {
    const config = { exemptions: { namespaces: ['x-*'] }, baseline: { excludedNamespaces: ['argocd'] } };
    expect(configured({ exemptNamespaces: ['istio-system', 'argocd'], config })).toMatchObject({
      exemptions: { namespaces: ['istio-system', 'argocd', 'x-*'] },
      baseline: { excludedNamespaces: ['istio-system', 'argocd'] },
    });
  });
});

describe("netpol-guard's own network policy", () => {
  it.each(['its own network policy', 'its own network policy, narrowed'])(
    'breaks none of its own rules: %s',
    (what) => {
      const policy = oneOf(helm4.render(COMBINATIONS[what] ?? {}), 'NetworkPolicy');
      const elsewhere = { ...policy, metadata: { name: 'elsewhere', namespace: 'elsewhere' } };
      const main = join(import.meta.dirname, '../../src/main.ts');
      const output = execFileSync(process.execPath, [main, 'lint', '--level', 'strict', '--format', 'json', '-'], {
        input: JSON.stringify(elsewhere),
        encoding: 'utf8',
      });
      expect(JSON.parse(output)).toMatchObject({ findings: [], summary: { policies: 1 } });
    },
  );
});
