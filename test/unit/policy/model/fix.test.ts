import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type FieldPath, parsePath, printPath } from '../../../../src/objects/field-path.ts';
import { advice, describeFix, type Edit, type Fix, fixOf, inPolicy, yamlOf } from '../../../../src/policy/model/fix.ts';

const yaml = (...edits: readonly Edit[]) => yamlOf(fixOf('Do this', ...edits).steps[0]);

/** The beginning of a document that leads to what a path names, as lists and keys are indented in kubectl's output. */
function documentAbove(path: FieldPath): readonly string[] {
  return path.map((step, i) => `${'  '.repeat(i)}${typeof step === 'number' ? '- here: 1' : `${step}:`}`);
}

/** What such a document holds at the path, once lines have been pasted below it. */
function pastedAt(path: FieldPath, above: FieldPath, lines: readonly string[]): unknown {
  let value: unknown = parse([...documentAbove(above), ...lines].join('\n'));
  for (const step of path) {
    value = Array.isArray(value) ? value.at(step === 0 ? 0 : -1) : (value as Record<string, unknown>)[step];
  }
  return value;
}

const key = fc.constantFrom('spec', 'egress', 'to', 'ports', 'podSelector');
/** Paths into an object, in which a list has one item above what is pasted. */
const path = fc
  .array(fc.tuple(key, fc.boolean()), { minLength: 1, maxLength: 4 })
  .map((steps): FieldPath => steps.flatMap(([name, isList]) => (isList ? [name, 0] : [name])));
const value = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.constant([{ podSelector: {} }]),
  fc.array(fc.record({ port: fc.integer({ min: 1, max: 65535 }), protocol: fc.constantFrom('UDP', 'TCP') })),
);

describe('the YAML of a step', () => {
  it('is the items that are added to a list, below its key', () => {
    expect(yaml({ kind: 'add', path: 'spec.egress', items: [{ ports: [{ port: 53 }] }, {}] })).toEqual([
      '    - ports:',
      '        - port: 53',
      '    - {}',
    ]);
    fc.assert(
      fc.property(path, fc.array(value, { minLength: 1 }), (parents, items) => {
        const list = [...parents, 'list'];
        expect(pastedAt(list, list, yaml({ kind: 'add', path: printPath(list), items }))).toEqual(items);
      }),
    );
  });

  it('is a field that is set, with its key, beside the others of its object', () => {
    expect(yaml({ kind: 'set', path: 'spec.egress[0].to', value: [{ podSelector: {} }] })).toEqual([
      '      to:',
      '        - podSelector: {}',
    ]);
    fc.assert(
      fc.property(path, value, (parents, set) => {
        const field = [...parents, 'field'];
        expect(pastedAt(field, parents, yaml({ kind: 'set', path: printPath(field), value: set }))).toEqual(set);
      }),
    );
  });

  it('is an item that is set, with its dash, in the column of the others', () => {
    expect(yaml({ kind: 'set', path: 'spec.egress[2]', value: { ports: [] } })).toEqual(['    - ports: []']);
    fc.assert(
      fc.property(path, value, (parents, set) => {
        const list = [...parents, 'list'];
        const lines = yaml({ kind: 'set', path: printPath([...list, 1]), value: set });
        expect(pastedAt([...list, 1], [...list, 0], lines)).toEqual(set);
      }),
    );
  });

  it('is the whole of a policy to apply, from the first column', () => {
    const object = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', spec: { podSelector: {} } };
    const lines = yaml({ kind: 'apply', object });
    expect(lines[0]).toBe('apiVersion: networking.k8s.io/v1');
    expect(parse(lines.join('\n'))).toEqual(object);
  });

  it('keeps a key with dots and slashes', () => {
    expect(yaml({ kind: 'set', path: 'metadata.labels[app.kubernetes.io/name]', value: 'web' })).toEqual([
      '    app.kubernetes.io/name: web',
    ]);
    expect(parsePath('metadata.labels[app.kubernetes.io/name]')).toHaveLength(3);
  });

  it('is shown once where several edits add the same, and not at all where something only goes', () => {
    const [one, other] = ['a', 'b'].map((policy): Edit => ({ kind: 'add', path: 'spec.egress', items: [{}], policy }));
    expect(yaml(one as Edit, other as Edit)).toEqual(['    - {}']);
    const removal: Edit = { kind: 'remove', path: 'spec.egress[0]' };
    expect(yaml(removal)).toEqual([]);
    expect(yaml(removal, one as Edit)).toEqual(['    - {}']);
    expect(yamlOf(advice('Think').steps[0])).toEqual([]);
  });
});

describe('the same fix in another policy', () => {
  const fix: Fix = {
    steps: [
      { text: 'Set it in spec.egress[0]', edits: [{ kind: 'set', path: 'spec.egress[0]', value: {} }] },
      { text: 'Apply this', edits: [{ kind: 'apply', object: { kind: 'NetworkPolicy' } }] },
    ],
    isCertain: true,
  };

  it('says of which one, and changes that one', () => {
    expect(inPolicy(fix, 'allow-dns', 'allow-dns')).toEqual({
      steps: [
        {
          text: 'Set it in spec.egress[0] of allow-dns',
          edits: [{ kind: 'set', path: 'spec.egress[0]', value: {}, policy: 'allow-dns' }],
        },
        { text: 'Apply this of allow-dns', edits: [{ kind: 'apply', object: { kind: 'NetworkPolicy' } }] },
      ],
      isCertain: true,
    });
  });

  it('shows a name that was cut, and changes the policy whose name it is', () => {
    const [step] = inPolicy(fix, 'x...', 'x'.repeat(253)).steps;
    expect(step.text).toBe('Set it in spec.egress[0] of x...');
    expect(step.edits).toMatchObject([{ policy: 'x'.repeat(253) }]);
  });

  it('stays as certain as it was, and leaves the first one as it is', () => {
    const { isCertain: _, ...doubtful } = fix;
    expect(inPolicy(doubtful, 'a', 'a').isCertain).toBeUndefined();
    expect(fix.steps[0].edits).not.toHaveProperty('0.policy');
  });
});

it('a fix in a line is its steps, one after the other', () => {
  expect(describeFix({ steps: [{ text: 'Remove spec.egress[1]', edits: [] }, ...fixOf('Add this rule').steps] })).toBe(
    'Remove spec.egress[1]. Add this rule',
  );
});
