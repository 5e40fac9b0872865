import { describe, expect, it } from 'vitest';
import { validateNamespace } from '../../../../src/policy/dialects/namespace.ts';

const TEMPLATES = ['default-deny', 'own'];

function namespace(metadata: unknown, rest: object = {}): unknown {
  return { apiVersion: 'v1', kind: 'Namespace', metadata, ...rest };
}

describe('validateNamespace', () => {
  it('takes a Namespace as kubectl prints it', () => {
    const printed = namespace(
      { name: 'shop', labels: { 'kubernetes.io/metadata.name': 'shop', 'netpol-guard.io/enforce': 'off' } },
      { spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } },
    );
    expect(validateNamespace(printed, TEMPLATES)).toEqual([]);
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
      'a misspelt template',
      namespace({ name: 'shop', labels: { 'netpol-guard.io/baseline': 'default-deni' } }),
      'metadata.labels[netpol-guard.io/baseline]',
    ],
    [
      'a level that YAML reads as a boolean',
      namespace({ name: 'shop', labels: { 'netpol-guard.io/enforce': false } }),
      'metadata.labels[netpol-guard.io/enforce]',
    ],
  ])('refuses %s', (_, value, path) => {
    expect(validateNamespace(value, TEMPLATES).map((problem) => problem.path)).toEqual([path]);
  });

  it('names the levels that there are', () => {
    const value = namespace({ name: 'shop', labels: { 'netpol-guard.io/audit': 'on' } });
    const [problem] = validateNamespace(value, TEMPLATES);
    expect(problem?.message).toBe('"on" is not a level; the levels are off, standard, strict');
  });

  it.each(['default-deny', 'own', 'none'])('takes the template %s', (template) => {
    const value = namespace({ name: 'shop', labels: { 'netpol-guard.io/baseline': template } });
    expect(validateNamespace(value, TEMPLATES)).toEqual([]);
  });

  it.each([
    ['default-deni', '"default-deni" is not a template; did you mean default-deny? use none, default-deny, own, or'],
    ['constructor', '"constructor" is not a template; use none, default-deny, own, or define it in baseline.templates'],
    ['', '"" is not a template; use none, default-deny, own, or define it'],
  ])('names the templates that there are where one is called %j', (template, message) => {
    const value = namespace({ name: 'shop', labels: { 'netpol-guard.io/baseline': template } });
    expect(validateNamespace(value, TEMPLATES)[0]?.message).toContain(message);
  });
});
