import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { readConfiguration } from '../../../src/config/load.ts';
import { ConfigurationError } from '../../../src/config/problem.ts';
import { PART_NAMES } from '../../../src/policy/model/template.ts';

/** Whether the text is a configuration; anything but a yes or a ConfigurationError is thrown on. */
function accepted(text: string): boolean {
  try {
    const { configuration, settings } = readConfiguration(text, 'f');
    return Object.isFrozen(configuration) && settings.dns.ports.length > 0;
  } catch (error) {
    if (error instanceof ConfigurationError && error.problems.length > 0) return false;
    throw error;
  }
}

const KEYS = ['enforce', 'rules', 'dns', 'servers', 'ports', 'exemptions', 'entries', 'ipBlocks', 'gate', '__proto__'];
const LEAVES = ['strict', 'off', 'dns-blocked', 'deny', '1s', '10.0.0.0/8', '*', 53, 0, true, null, [], {}];

const value = fc.letrec<{ readonly tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(...LEAVES),
    fc.dictionary(fc.oneof(fc.constantFrom(...KEYS), fc.string()), tie('tree')),
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.jsonValue(),
  ),
})).tree;

describe('any input', () => {
  it('is a configuration, or is refused with its problems', () => {
    fc.assert(
      fc.property(value, (tree) => typeof accepted(stringify(tree)) === 'boolean'),
      { numRuns: 300 },
    );
  });

  it('is a template, or is refused with its problems', () => {
    const item = fc.oneof(
      value,
      fc.record(
        { part: fc.oneof(fc.constantFrom(...PART_NAMES), value), namespaces: value, blocks: value },
        { requiredKeys: ['part'] },
      ),
      fc.record({
        apiVersion: fc.constant('networking.k8s.io/v1'),
        kind: fc.constant('NetworkPolicy'),
        metadata: fc.oneof(fc.constant({ name: 'web' }), value),
        spec: fc.oneof(value, fc.record({ podSelector: fc.constant({}), egress: value, ingress: value })),
      }),
    );
    fc.assert(
      fc.property(fc.array(item, { maxLength: 3 }), (items) => {
        return typeof accepted(stringify({ baseline: { templates: { own: items } } })) === 'boolean';
      }),
      { numRuns: 300 },
    );
  });

  it('is refused where it is no YAML, or no map', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => typeof accepted(text) === 'boolean'),
      { numRuns: 300 },
    );
  });

  it('that is a configuration stays one when it is written in another order', () => {
    const parts = ['enforce: strict', 'rules: {dns-blocked: off}', 'dns: {ports: [53, 5353]}', 'gate: {enabled: no}'];
    fc.assert(
      fc.property(fc.shuffledSubarray(parts, { minLength: 1 }), (lines) => {
        const sorted = readConfiguration([...lines].sort().join('\n'), 'f').configuration;
        expect(readConfiguration(lines.join('\n'), 'f').configuration).toEqual(sorted);
      }),
    );
  });
});
