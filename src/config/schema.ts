import { ADD_ON_NAMESPACES } from '../policy/model/add-on-namespaces.ts';
import { FIRST_RULES_VERSION, RULES_VERSIONS } from '../policy/model/rules-version.ts';
import { DOCS_BASE_URL } from './docs-address.ts';
import type { JsonSchema } from './json-schema.ts';
import { templateItemSchema } from './template-item-schema.ts';

/** Names are the words in the schema that come from the engine. */
export interface Names {
  readonly rules: readonly string[];
  readonly presets: readonly string[];
}

/**
 * configurationSchema returns the JSON Schema of GuardConfiguration. It holds every default, and nothing that is
 * peculiar to ajv but the formats `cidr`, `fraction` and `rfc3339`, which other validators ignore.
 */
export function configurationSchema(names: Names): JsonSchema {
  const ruleId = { type: 'string', enum: names.rules, title: 'a rule' };
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    ...closed({
      apiVersion: oneOf(['netpol-guard.io/v1alpha1'], 'netpol-guard.io/v1alpha1'),
      kind: oneOf(['GuardConfiguration'], 'GuardConfiguration'),
      enforce: mode('standard'),
      warn: mode('strict'),
      audit: mode('strict'),
      rulesVersion: {
        title: `a version of the rules that is known here: ${RULES_VERSIONS.join(', ')}`,
        oneOf: RULES_VERSIONS.map((version) => ({ const: version })),
        default: FIRST_RULES_VERSION,
      },
      rules: {
        type: 'object',
        title: 'a map of rules to deny, warn, audit or off',
        propertyNames: ruleId,
        additionalProperties: { enum: ['deny', 'warn', 'audit', ...OFF] },
        default: {},
      },
      exemptions: section({
        namespaces: list(GLOB),
        users: list(NAME),
        groups: list(NAME),
        entries: list({
          ...closed({
            namespace: GLOB,
            name: { ...GLOB, default: '*' },
            rules: list(ruleId),
            reason: { type: 'string', minLength: 1, title: 'a sentence that says why' },
            expires: { type: 'string', format: 'rfc3339', title: 'a time such as 2027-01-31T00:00:00Z' },
          }),
          required: ['namespace', 'reason'],
        }),
      }),
      dns: section({
        presets: list({ type: 'string', enum: names.presets, title: 'a preset' }),
        servers: list(DNS_SERVER),
        namespaces: { ...list(NAMESPACE), default: ['kube-system'] },
        ports: { ...list(PORT_NUMBER), minItems: 1, default: [53] },
        allowedResolvers: list(CIDR),
        anywhereThreshold: {
          type: 'string',
          format: 'fraction',
          title: 'a fraction above 0 and no more than 1, such as 1/256',
          default: '1/256',
        },
        otherPolicies: oneOf(['auto', 'ignore'], 'auto'),
      }),
      dnsBlocked: section({
        onWrite: oneOf(['deny', 'warn', 'repair'], 'deny'),
        onDelete: oneOf(['deny', 'warn', 'repair'], 'warn'),
        noEgressAtAll: oneOf(['warn', 'deny'], 'warn'),
        grace: { ...DURATION, default: '1s' },
      }),
      baseline: section({
        template: { type: 'string', minLength: 1, title: 'the name of a template, or none', default: 'default-deny' },
        templates: {
          type: 'object',
          title: 'a map of names to lists of manifests',
          propertyNames: { pattern: '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$' },
          additionalProperties: { type: 'array', items: templateItemSchema(CIDR), title: 'a list' },
          default: {},
        },
        existingNamespaces: oneOf(['ignore', 'adopt'], 'ignore'),
        excludedNamespaces: { ...list(GLOB), default: ADD_ON_NAMESPACES },
      }),
      gate: section({
        enabled: { type: 'boolean', title: 'true or false', default: true },
        maxHold: { ...DURATION, default: '60s' },
      }),
      tls: section({
        // Without a default: if it is not set, the files on the command line count.
        mode: { enum: ['selfSigned', 'certManager', 'existingSecret'] },
        selfSigned: section({
          caDuration: { ...DURATION, default: '8760h' },
          certificateDuration: { ...DURATION, default: '168h' },
        }),
        clientCAFile: { type: 'string', title: 'the path of a file', default: '' },
        clientNames: list(NAME),
      }),
      admissionPolicies: section({
        renderedFrom: {
          type: 'string',
          pattern: '^([0-9a-f]{64})?$',
          title: 'the annotation netpol-guard.io/rendered-from of the admission policies',
          default: '',
        },
      }),
      contact: {
        type: 'string',
        maxLength: 200,
        title: 'whom to ask, such as #platform-help',
        default: '',
      },
      docsBaseUrl: {
        type: 'string',
        pattern: '^https?://[^\\s/]+[^\\s]*$',
        title: 'an address such as https://mirror.example/docs',
        default: DOCS_BASE_URL,
      },
    }),
  };
}

/** YAML 1.1, and so Helm, reads an unquoted `off` as false. */
const OFF = ['off', false];

const DURATION: JsonSchema = {
  type: 'string',
  pattern: '^([0-9]{1,6}(\\.[0-9]{1,3})?(ms|s|m|h))+$',
  maxLength: 32,
  title: 'a duration such as 1s or 500ms',
};
const GLOB: JsonSchema = {
  type: 'string',
  pattern: '^[a-z0-9.*?-]+$',
  maxLength: 253,
  title: 'a name, in which * and ? are wildcards',
};
/** No glob: discovery asks the API server for each by its name. */
const NAMESPACE: JsonSchema = {
  type: 'string',
  pattern: '^[a-z0-9]([a-z0-9-]*[a-z0-9])?$',
  maxLength: 63,
  title: 'the name of a namespace',
};
const NAME: JsonSchema = { type: 'string', minLength: 1, title: 'a name' };
const CIDR: JsonSchema = { type: 'string', format: 'cidr', title: 'a CIDR such as 10.0.0.0/8' };
const PORT_NUMBER: JsonSchema = { type: 'integer', minimum: 1, maximum: 65535, title: 'a port from 1 to 65535' };

const LABEL_SELECTOR: JsonSchema = {
  type: 'object',
  title: 'a label selector',
  additionalProperties: false,
  properties: {
    matchLabels: {
      type: 'object',
      title: 'a map of labels',
      additionalProperties: { type: 'string', title: 'a string; quote it' },
    },
    matchExpressions: {
      type: 'array',
      title: 'a list',
      items: {
        type: 'object',
        title: 'In or NotIn with values, Exists or DoesNotExist without any',
        additionalProperties: false,
        properties: {
          key: { type: 'string', minLength: 1, title: 'a label key' },
          operator: { enum: ['In', 'NotIn', 'Exists', 'DoesNotExist'], title: 'In, NotIn, Exists or DoesNotExist' },
          values: { type: 'array', items: { type: 'string', title: 'a string; quote it' }, title: 'a list' },
        },
        required: ['key', 'operator'],
        oneOf: [
          {
            properties: { operator: { enum: ['In', 'NotIn'] }, values: { type: 'array', minItems: 1 } },
            required: ['values'],
          },
          {
            properties: { operator: { enum: ['Exists', 'DoesNotExist'] }, values: { type: 'array', maxItems: 0 } },
          },
        ],
      },
    },
  },
};

const DNS_SERVER: JsonSchema = {
  type: 'object',
  title: 'pods (namespaceSelector and podSelector) or addresses (ipBlocks), one of the two',
  additionalProperties: false,
  properties: {
    namespaceSelector: LABEL_SELECTOR,
    podSelector: LABEL_SELECTOR,
    ipBlocks: { type: 'array', items: CIDR, minItems: 1, title: 'a list of CIDRs' },
    ports: {
      type: 'array',
      minItems: 1,
      title: 'a list of ports',
      items: {
        type: ['integer', 'object'],
        minimum: 1,
        maximum: 65535,
        title: 'a port from 1 to 65535, or a protocol (UDP or TCP) with a port',
        additionalProperties: false,
        properties: {
          protocol: { enum: ['UDP', 'TCP'], title: 'UDP or TCP' },
          port: {
            type: ['integer', 'string'],
            minimum: 1,
            maximum: 65535,
            // Without lookahead: Helm's validator has Go's regular expressions.
            pattern: '^[0-9-]*[a-z][a-z0-9-]*$',
            maxLength: 15,
            title: 'a port from 1 to 65535 or the name of one',
          },
        },
        required: ['protocol', 'port'],
      },
    },
  },
  oneOf: [
    { required: ['ipBlocks'], not: { anyOf: [{ required: ['namespaceSelector'] }, { required: ['podSelector'] }] } },
    { required: ['namespaceSelector'], not: { required: ['ipBlocks'] } },
  ],
};

function closed(properties: Readonly<Record<string, JsonSchema>>): JsonSchema {
  return { type: 'object', title: 'a map', additionalProperties: false, properties };
}

function section(properties: Readonly<Record<string, JsonSchema>>): JsonSchema {
  return { ...closed(properties), default: {} };
}

function list(items: JsonSchema): JsonSchema {
  return { type: 'array', items, title: 'a list', default: [] };
}

function oneOf(words: readonly string[], byDefault: string): JsonSchema {
  return { enum: words, default: byDefault };
}

function mode(byDefault: string): JsonSchema {
  return { enum: ['standard', 'strict', ...OFF], default: byDefault };
}
