import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { specText } from '../../../../../src/policy/dialects/network-policy/spec-text.ts';

const key = fc.oneof(
  fc.constantFrom('podSelector', 'matchLabels', 'policyTypes', 'ingress', 'egress', 'ports', 'protocol', '__proto__'),
  fc.string({ maxLength: 3 }),
);
const { tree } = fc.letrec<{ readonly tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<unknown>(null, true, 53, 'Egress', 'TCP', '', [], {}),
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.array(fc.tuple(key, tie('tree')), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
  ),
}));

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, item]) => [name, reversed(item)]),
  );
}

describe('the text of a spec', () => {
  it('is the text of what it says, read again', () => {
    fc.assert(
      fc.property(tree, (spec) => specText(JSON.parse(specText(spec))) === specText(spec)),
      { numRuns: 5000 },
    );
  });

  it('does not depend on the order of keys', () => {
    fc.assert(
      fc.property(tree, (spec) => specText(reversed(spec)) === specText(spec)),
      { numRuns: 5000 },
    );
  });

  it.each([
    ['types that the API server fills in', {}, { policyTypes: ['Ingress'] }],
    ['types that follow from egress', { egress: [{}] }, { egress: [{}], policyTypes: ['Ingress', 'Egress'] }],
    [
      'a protocol that the API server fills in',
      { egress: [{ ports: [{ port: 53 }] }] },
      { egress: [{ ports: [{ protocol: 'TCP', port: 53 }] }] },
    ],
    [
      'a protocol that says nothing',
      { ingress: [{ ports: [{ protocol: [] }] }] },
      { ingress: [{ ports: [{ protocol: 'TCP' }] }] },
    ],
    ['a port that says nothing', { ingress: [{ ports: [null] }] }, { ingress: [{ ports: [{ protocol: 'TCP' }] }] }],
    ['empty lists', { ingress: [], egress: null }, {}],
    [
      'the empty value of a label',
      { podSelector: { matchLabels: { a: null } } },
      { podSelector: { matchLabels: { a: '' } } },
    ],
    ['an empty matchLabels', { podSelector: { matchLabels: {} } }, { podSelector: {} }],
    [
      'empty lists in a peer',
      { egress: [{ to: [{ ipBlock: { cidr: '::/0', except: [] } }], ports: [] }] },
      { egress: [{ to: [{ ipBlock: { cidr: '::/0' } }] }] },
    ],
  ])('is the same with and without %s', (_, one, other) => {
    expect(specText(one)).toBe(specText(other));
  });

  it.each([
    [
      'an empty selector for one that is missing',
      { egress: [{ to: [{ podSelector: {} }] }] },
      { egress: [{ to: [{}] }] },
    ],
    [
      'another order of rules',
      { ingress: [{ from: [] }, { ports: [{ port: 1 }] }] },
      { ingress: [{ ports: [{ port: 1 }] }, {}] },
    ],
    ['a number for a name', { ingress: [{ ports: [{ port: 53 }] }] }, { ingress: [{ ports: [{ port: '53' }] }] }],
    [
      'one more label',
      { podSelector: { matchLabels: { a: 'b' } } },
      { podSelector: { matchLabels: { a: 'b', c: 'd' } } },
    ],
    ['types in which one is left out', { egress: [{}], policyTypes: ['Egress'] }, { egress: [{}] }],
  ])('differs with %s', (_, one, other) => {
    expect(specText(one)).not.toBe(specText(other));
  });
});
