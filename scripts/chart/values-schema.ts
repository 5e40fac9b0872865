import type { JsonSchema } from '../../src/config/json-schema.ts';
import { configurationSchema } from '../../src/config/schema.ts';
import { DNS_PRESETS } from '../../src/policy/dns/presets.ts';
import { RULES } from '../../src/policy/rules/index.ts';
import { CONFIGURATION_DESCRIPTIONS } from './configuration-descriptions.ts';
import { described } from './descriptions.ts';
import {
  atLeast,
  closed,
  listOf,
  NAME,
  NAMESPACES,
  OBJECT,
  OBJECTS,
  oneOf,
  orNothing,
  type Properties,
  SWITCH,
  TEXT,
  TEXTS,
} from './json-shapes.ts';
import { monitoringSchema } from './monitoring-schema.ts';
import { podSchema } from './pod-schema.ts';
import { webhookSchema } from './webhook-schema.ts';

/** The header of the configuration file; the chart writes it. */
const OWN_KEYS: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'tls', 'admissionPolicies']);

/** A map of the configuration, with a key for each of its settings. */
interface Section {
  readonly properties: Properties;
}

/** valuesSchema is the JSON Schema of the chart's values, the configuration's own among them. Every map is closed. */
export function valuesSchema(): JsonSchema {
  const { $schema, properties } = configurationSchema({
    rules: RULES.map(({ id }) => id),
    presets: [...DNS_PRESETS.keys()],
  }) as { readonly $schema: string; readonly properties: Properties & Readonly<Record<'dns' | 'tls', Section>> };
  const config = { ...omit(properties, OWN_KEYS), dns: withoutNamespaces(properties.dns) };
  return {
    $schema,
    title: 'values of the chart netpol-guard',
    ...closed({
      enforcement: oneOf('audit', 'warn', 'enforce'),
      preset: oneOf('', 'small'),
      config: closed(described(config, CONFIGURATION_DESCRIPTIONS)),
      exemptNamespaces: NAMESPACES,
      dnsNamespaces: NAMESPACES,
      tls: tlsSchema(properties.tls.properties),
      webhook: webhookSchema(),
      admissionPolicies: closed({
        annotations: TEXTS,
        optOut: closed({ enabled: SWITCH }),
        baseline: closed({ enabled: SWITCH }),
        leaving: closed({ enabled: SWITCH }),
        names: closed({ enabled: SWITCH, allowedUsers: listOf(NAME) }),
        openings: closed({ enabled: { type: ['null', 'boolean'] } }),
        fence: closed({ enabled: SWITCH }),
      }),
      ...podSchema(),
      ...monitoringSchema(),
      rbac: closed({ create: SWITCH }),
      serviceAccount: closed({ create: SWITCH, name: TEXT, annotations: TEXTS }),
      podDisruptionBudget: closed({
        enabled: SWITCH,
        minAvailable: orNothing({ type: ['integer', 'string'], minimum: 0 }),
        maxUnavailable: orNothing({ type: ['integer', 'string'], minimum: 0 }),
      }),
      resourceQuota: closed({ enabled: SWITCH, pods: atLeast(1) }),
      networkPolicy: closed({
        enabled: SWITCH,
        metricsFrom: OBJECTS,
        egress: closed({ enabled: SWITCH }),
        dns: closed({ to: OBJECTS, ports: listOf(OBJECT) }),
        apiServer: closed({ to: OBJECTS, ports: listOf({ type: 'integer', minimum: 1, maximum: 65535 }) }),
      }),
      cleanup: closed({ deleteBaseline: SWITCH }),
      tests: closed({ enabled: SWITCH, namespace: NAME }),
      commonLabels: TEXTS,
      extraObjects: listOf({ type: ['object', 'string'] }),
      global: { type: 'object', description: 'Set by parent charts. This chart does not read it.' },
    }),
  };
}

/** `dnsNamespaces` sets it, since rights follow the same list. */
function withoutNamespaces(dns: Section): JsonSchema {
  return { ...dns, properties: omit(dns.properties, new Set(['namespaces'])) };
}

function omit(properties: Properties, keys: ReadonlySet<string>): Properties {
  return Object.fromEntries(Object.entries(properties).filter(([key]) => !keys.has(key)));
}

/** The configuration's `tls` is here, since it decides what is mounted. */
function tlsSchema(configured: Properties): JsonSchema {
  return closed({
    ...described(configured, CONFIGURATION_DESCRIPTIONS, 'tls.'),
    existingSecret: TEXT,
    caBundle: orNothing({ type: 'string', pattern: '^\\s*-----BEGIN CERTIFICATE-----' }),
    certManager: closed({
      issuerRef: closed({ name: TEXT, kind: TEXT, group: TEXT }),
      duration: orNothing({ type: 'string', pattern: '^([0-9]+(h|m|s))+$' }),
      renewBefore: orNothing({ type: 'string', pattern: '^([0-9]+(h|m|s))+$' }),
    }),
  });
}
