import type { JsonSchema } from '../../src/config/json-schema.ts';
import {
  closed,
  listOf,
  NAME,
  OBJECTS,
  oneOf,
  orNothing,
  PORT,
  type Properties,
  SWITCH,
  TEXT,
  TEXTS,
} from './json-shapes.ts';

const SELECTOR: JsonSchema = closed({ matchLabels: TEXTS, matchExpressions: OBJECTS });
const FAIL_OR_IGNORE = oneOf('Fail', 'Ignore');
/** Deleting, and the DNS plane's own repair, must never wait for this webhook. */
const IGNORE = oneOf('Ignore');

/** webhookSchema is `webhook` of the values: how the API server reaches it, and a map for each entry. */
export function webhookSchema(): JsonSchema {
  return closed({
    port: { anyOf: [{ type: 'null' }, PORT] },
    url: orNothing({ type: 'string', pattern: '^https://[^\\s/?#@]+/?$' }),
    pathSecret: TEXT,
    otherPathSecrets: listOf(NAME),
    annotations: TEXTS,
    // Empty is by preset.
    policies: entry(oneOf('', 'Fail', 'Ignore')),
    policiesDelete: entry(IGNORE, { enabled: SWITCH }),
    dnsPlane: entry(IGNORE, { enabled: SWITCH }),
    namespaceLabels: entry(FAIL_OR_IGNORE),
    // Its former name: the template refuses it and names the new one.
    labels: { type: 'object', deprecated: true, description: 'This key is now called namespaceLabels.' },
    gate: entry(FAIL_OR_IGNORE, { objectSelector: SELECTOR }),
    baseline: entry(FAIL_OR_IGNORE),
  });
}

function entry(failurePolicy: JsonSchema, more: Properties = {}): JsonSchema {
  return closed({
    ...more,
    failurePolicy,
    // https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#timeouts
    timeoutSeconds: { type: 'integer', minimum: 1, maximum: 30 },
    namespaceSelector: SELECTOR,
    matchConditions: listOf({ ...closed({ name: NAME, expression: NAME }), required: ['name', 'expression'] }),
    annotations: TEXTS,
  });
}
