import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { PEM } from './combinations.ts';
import { CHART, findHelm, RELEASE, type Release, type Values } from './helm.ts';

const helms = [await findHelm(3), await findHelm(4)];

/** What is wrong, and what Helm says of it: the key, and what is allowed. */
const WRONG: readonly (readonly [values: Values, said: readonly string[]])[] = [
  [{ replica: 2 }, ["additional properties 'replica' not allowed"]],
  [{ enforcement: 'enforced' }, ['/enforcement', "'audit', 'warn', 'enforce'"]],
  [{ config: { enforce: 'hard' } }, ['/config/enforce', "'standard', 'strict', 'off'"]],
  [{ config: { rules: { 'dns-open': 'deny' } } }, ["'dns-open'", "'dns-open-to-anywhere'"]],
  [{ config: { rules: { 'dns-blocked': 'refuse' } } }, ['/config/rules/dns-blocked', "'deny', 'warn', 'audit', 'off'"]],
  [{ config: { dns: { severs: [] } } }, ['/config/dns', "'severs' not allowed"]],
  // Rights follow `dnsNamespaces`, and so does the program.
  [{ config: { dns: { namespaces: ['dns'] } } }, ['/config/dns', "'namespaces' not allowed"]],
  [{ dnsNamespaces: ['openshift-*'] }, ['/dnsNamespaces/0']],
  [{ config: { dns: { servers: [{ ipBlocks: [] }] } } }, ['/config/dns/servers/0']],
  [{ config: { tls: { mode: 'selfSigned' } } }, ['/config', "'tls' not allowed"]],
  [{ config: { kind: 'GuardConfiguration' } }, ['/config', "'kind' not allowed"]],
  [{ config: { gate: { maxHold: 60 } } }, ['/config/gate/maxHold', 'want string']],
  [{ tls: { mode: 'manual' } }, ['/tls/mode', "'selfSigned', 'certManager', 'existingSecret'"]],
  [{ tls: { caBundle: 'LS0tLS1CRUdJTg==' } }, ['/tls/caBundle', 'BEGIN CERTIFICATE']],
  [{ webhook: { policies: { failurePolicy: 'ignore' } } }, ['/webhook/policies/failurePolicy', "'Fail', 'Ignore'"]],
  [{ webhook: { policiesDelete: { failurePolicy: 'Fail' } } }, ['/webhook/policiesDelete/failurePolicy', "'Ignore'"]],
  [{ webhook: { dnsPlane: { failurePolicy: 'Fail' } } }, ['/webhook/dnsPlane/failurePolicy', "'Ignore'"]],
  [{ webhook: { gate: { enabled: false } } }, ['/webhook/gate', "'enabled' not allowed"]],
  [{ webhook: { policies: { timeoutSeconds: 31 } } }, ['/webhook/policies/timeoutSeconds', 'want 30']],
  [{ webhook: { url: 'http://guard.example' } }, ['/webhook/url']],
  [{ webhook: { port: 443 } }, ['/webhook/port']],
  [{ exemptNamespaces: ['shop-*'] }, ['/exemptNamespaces/0']],
  [{ image: { digest: 'latest' } }, ['/image/digest']],
  [{ shutdownDelaySeconds: 1000 }, ['/shutdownDelaySeconds', 'want 999']],
  [{ preset: 'tiny' }, ['/preset', "'small'"]],
  [{ replicas: 0 }, ['/replicas']],
  [{ config: { rulesVersion: 'v9.9' } }, ['/config/rulesVersion']],
  [{ logLevel: 'trace' }, ['/logLevel', "'debug', 'info', 'warn', 'error'"]],
  [{ cleanup: { deleteBaselines: true } }, ['/cleanup', "'deleteBaselines' not allowed"]],
];

/** What cannot work together, and the sentence that says so. */
const TOGETHER: readonly (readonly [values: Values, said: string, release?: Release])[] = [
  [{}, 'namespace kube-system is a system namespace', { name: 'guard', namespace: 'kube-system' }],
  [{}, 'the release name 1guard is not a valid name of a Service', { name: '1guard', namespace: 'guard' }],
  [{}, 'the release name a.b is not a valid name of a Service', { name: 'a.b', namespace: 'guard' }],
  [{ hostNetwork: true, webhook: { port: 10250 } }, 'with hostNetwork, port 10250 belongs to the kubelet'],
  [{ webhook: { port: 8080 } }, 'webhook.port and metrics.port are both 8080'],
  [{ webhook: { port: 8081 } }, 'webhook.port and health.port are both 8081'],
  [{ metrics: { port: 8081 } }, 'health.port and metrics.port are both 8081'],
  [{ hostNetwork: true, networkPolicy: { egress: { enabled: true } } }, 'do not apply to pods on the host network'],
  [
    { networkPolicy: { enabled: false, egress: { enabled: true } } },
    'has no effect while networkPolicy.enabled is false',
  ],
  [{ serviceMonitor: { enabled: true } }, 'networkPolicy.metricsFrom is empty'],
  [{ serviceAccount: { create: false } }, 'serviceAccount.name: name an existing ServiceAccount'],
  [{ tls: { mode: 'existingSecret', caBundle: PEM } }, 'tls.existingSecret: name the Secret with'],
  [{ tls: { mode: 'existingSecret', existingSecret: 'tls' } }, 'tls.caBundle: set it to the CA'],
  [{ tls: { existingSecret: 'tls' } }, 'tls.existingSecret needs tls.mode existingSecret'],
  [{ tls: { caBundle: PEM } }, 'tls.caBundle needs tls.mode existingSecret'],
  [{ tls: { mode: 'certManager', selfSigned: { caDuration: '1h' } } }, 'tls.selfSigned needs tls.mode selfSigned'],
  [
    { tls: { selfSigned: { caDuration: '480h' } } },
    'tls.selfSigned.caDuration: 480h is too short; set at least 4 times certificateDuration, which is 168h',
  ],
  [
    { tls: { selfSigned: { certificateDuration: '2190h30m' } } },
    'tls.selfSigned.caDuration: 8760h is too short; set at least 4 times certificateDuration, which is 2190h30m',
  ],
  [
    { tls: { selfSigned: { caDuration: '1h', certificateDuration: '9s900ms' } } },
    'tls.selfSigned.certificateDuration: 9s900ms is too short; the minimum is 10s',
  ],
  [
    { tls: { mode: 'certManager' }, webhook: { pathSecret: 'Too-short' } },
    'webhook.pathSecret is not valid; use 32 to 63 lower-case letters',
  ],
  [
    { tls: { mode: 'certManager' }, webhook: { pathSecret: 'a'.repeat(32), otherPathSecrets: ['/', 'B'.repeat(32)] } },
    'webhook.otherPathSecrets[1] is not valid; use 32 to 63 lower-case letters',
  ],
  [
    { tls: { mode: 'certManager' }, webhook: { otherPathSecrets: ['/'] } },
    'webhook.otherPathSecrets: without webhook.pathSecret no path has a secret anyway',
  ],
  [
    { webhook: { pathSecret: 'a'.repeat(32) } },
    'webhook.pathSecret: with tls.mode selfSigned netpol-guard makes its own',
  ],
  [
    { webhook: { otherPathSecrets: ['a'.repeat(32)] } },
    'webhook.pathSecret: with tls.mode selfSigned netpol-guard makes its own',
  ],
  [{ terminationGracePeriodSeconds: 49 }, 'terminationGracePeriodSeconds: 49 seconds are too short'],
  [{ shutdownDelaySeconds: 30 }, 'set at least 65, which is shutdownDelaySeconds plus 35'],
  [{ tls: { clientNames: ['kube-apiserver'] } }, 'tls.clientNames has no effect without tls.clientCAFile'],
  [{ podDisruptionBudget: { maxUnavailable: 0 } }, 'podDisruptionBudget would let no node be drained'],
  [{ podDisruptionBudget: { minAvailable: 3, maxUnavailable: '' } }, '3 of 3 replicas would let no node be drained'],
  [{ podDisruptionBudget: { minAvailable: 1, maxUnavailable: 2 } }, 'set either minAvailable or maxUnavailable'],
  [{ webhook: { labels: { failurePolicy: 'Fail' } } }, 'webhook.labels is now called webhook.namespaceLabels'],
  [
    { webhook: { policies: { matchConditions: [{ name: 'not-ourselves', expression: 'true' }] } } },
    'webhook.policies.matchConditions: the name not-ourselves is taken',
  ],
];

describe.each(helms)('Helm $version refuses', ({ template }) => {
  it.each(WRONG)('%j', (values, said) => {
    const { status, stderr } = template(values);
    expect(status).toBe(1);
    for (const words of said) expect(stderr).toContain(words);
  });

  it.each(TOGETHER.map(([values, said, release = RELEASE]) => ({ values, said, release })))('$said', (one) => {
    const { values, said, release } = one;
    const { status, stderr } = template(values, release);
    expect(status).toBe(1);
    expect(stderr).toContain(said);
  });

  it('with everything that is wrong at once', () => {
    const { stderr } = template({ hostNetwork: true, webhook: { port: 10250 }, tls: { mode: 'existingSecret' } });
    expect(stderr.match(/^- /gm)).toHaveLength(3);
  });
});

describe('values.schema.json', () => {
  const schema = JSON.parse(readFileSync(join(CHART, 'values.schema.json'), 'utf8')) as Schema;
  const values: unknown = parse(readFileSync(join(CHART, 'values.yaml'), 'utf8'), { version: '1.1' });

  it('and values.yaml know the same keys', () => {
    const [allowed, documented] = [keysOf(schema), keysIn(values, schema)];
    expect(documented.length).toBeGreaterThan(80);
    expect(documented).toEqual(allowed);
  });

  it('says of every key what it is, in sentences', () => {
    const silent = describedKeys(schema).filter(([, text]) => !/^[A-Z`].*\.$/s.test(text ?? ''));
    expect(silent.map(([path]) => path)).toEqual([]);
  });

  it('closes every map whose keys are its own', () => {
    const open = mapsOf(schema).filter(([, { properties, additionalProperties }]) =>
      properties === undefined ? false : additionalProperties !== false,
    );
    expect(open.map(([path]) => path)).toEqual([]);
  });

  it('uses no regular expression that Go does not have', () => {
    const text = JSON.stringify(schema);
    expect(text).toContain('"pattern"');
    expect(text).not.toMatch(/\(\?[=!<]/);
  });
});

interface Schema {
  readonly description?: string;
  readonly deprecated?: boolean;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: unknown;
  readonly items?: Schema;
}

/** The configuration has its own page, `global` is Helm's, and the certificate's lifetimes are the program's. */
const ELSEWHERE: ReadonlySet<string> = new Set(['config', 'global', 'tls.selfSigned']);

/** Paths of all keys that may be written; those of maps that the user fills are not asked for. */
function keysOf({ properties = {} }: Schema, above = ''): readonly string[] {
  return Object.entries(properties)
    .filter(([, { deprecated }]) => deprecated !== true)
    .flatMap(([key, schema]) => {
      const path = `${above}${key}`;
      if (ELSEWHERE.has(path) || /Selector$|Probe$/.test(path)) return [path];
      return [path, ...keysOf(schema, `${path}.`)];
    })
    .filter((path) => path !== 'global')
    .toSorted();
}

function keysIn(value: unknown, { properties = {} }: Schema, above = ''): readonly string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  return Object.entries(value)
    .flatMap(([key, inner]) => {
      const path = `${above}${key}`;
      const schema = Object.hasOwn(properties, key) ? properties[key] : undefined;
      if (schema?.properties === undefined || ELSEWHERE.has(path) || /Selector$|Probe$/.test(path)) return [path];
      return [path, ...keysIn(inner, schema, `${path}.`)];
    })
    .toSorted();
}

/** All keys but those of maps that only group others, with their descriptions. */
function describedKeys(
  { properties = {} }: Schema,
  above = '',
): readonly (readonly [path: string, text: string | undefined])[] {
  return Object.entries(properties).flatMap(([key, schema]) => {
    const path = `${above}${key}`;
    const isOfKubernetes = /(?:Selector|Probe)$/.test(path);
    const inner = isOfKubernetes ? [] : describedKeys(schema, `${path}.`);
    return inner.length > 0 && schema.description === undefined
      ? inner
      : [[path, schema.description] as const, ...inner];
  });
}

function mapsOf(schema: Schema, above = ''): readonly (readonly [path: string, schema: Schema])[] {
  const inner = Object.entries(schema.properties ?? {}).flatMap(([key, value]) => mapsOf(value, `${above}.${key}`));
  return [[above, schema], ...inner, ...(schema.items === undefined ? [] : mapsOf(schema.items, `${above}[]`))];
}
