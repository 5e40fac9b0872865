import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { configurationSchema } from '../../../src/config/schema.ts';

test('the schema of the configuration is a JSON Schema', () => {
  const ajv = new Ajv();
  const schema = configurationSchema({ rules: ['dns-blocked'], presets: ['kube-dns'] });
  expect(ajv.validateSchema(schema), ajv.errorsText()).toBe(true);
  expect(ajv.validateSchema({ ...schema, properties: { enforce: { enum: 'standard' } } })).toBe(false);
});
