import { PART_NAMES } from '../policy/model/template.ts';
import type { JsonSchema } from './json-schema.ts';

/**
 * templateItemSchema is one item of `baseline.templates`: a part, with its arguments, or a NetworkPolicy, whose fields
 * are checked as the API server would. `cidr` is the schema of a CIDR.
 */
export function templateItemSchema(cidr: JsonSchema): JsonSchema {
  return {
    type: 'object',
    title: 'a NetworkPolicy manifest, or a part',
    if: { required: ['part'] },
    // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
    then: {
      additionalProperties: false,
      properties: {
        part: { enum: PART_NAMES },
        namespaces: {
          type: 'array',
          minItems: 1,
          title: 'a list of namespaces',
          items: { type: 'string', pattern: '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$', title: 'the name of a namespace' },
        },
        blocks: { type: 'array', minItems: 1, title: 'a list of CIDRs', items: cidr },
      },
    },
  };
}
