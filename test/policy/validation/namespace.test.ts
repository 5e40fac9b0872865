import { describe, expect, it } from 'vitest';
import { validateNamespace } from '../../../src/policy/validation/namespace.ts';

function namespace(metadata: unknown, rest: object = {}): unknown {
  return { apiVersion: 'v1', kind: 'Namespace', metadata, ...rest };
}

describe('validateNamespace', () => {
  it('takes a Namespace as kubectl prints it', () => {
    const printed = namespace(
      { name: 'shop', labels: { 'kubernetes.io/metadata.name': 'shop', 'netpol-guard.io/enforce': 'off' } },
      { spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } },
    );
    expect(validateNamespace(printed)).toEqual([]);
  });

  it.each([
    ['a dot in the name', namespace({ name: 'a.b' }), 'metadata.name'],
    ['no name', namespace({}), 'metadata.name'],
    ['an unknown field', namespace({ name: 'shop' }, { specs: {} }), 'specs'],
    ['a label value with a space', namespace({ name: 'shop', labels: { team: 'a b' } }), 'metadata.labels.team'],
    [
      'a misspelt level',
      namespace({ name: 'shop', labels: { 'netpol-guard.io/warn': 'Strict' } }),
      'metadata.labels[netpol-guard.io/warn]',
    ],
    [
      'a level that YAML reads as a boolean',
      namespace({ name: 'shop', labels: { 'netpol-guard.io/enforce': false } }),
      'metadata.labels[netpol-guard.io/enforce]',
    ],
  ])('refuses %s', (_, value, path) => {
    expect(validateNamespace(value).map((problem) => problem.path)).toEqual([path]);
  });

  it('names the levels that there are', () => {
    const [problem] = validateNamespace(namespace({ name: 'shop', labels: { 'netpol-guard.io/audit': 'on' } }));
    expect(problem?.message).toBe('"on" is not a level; the levels are off, standard, strict');
  });
});
