import { describe, expect, it } from 'vitest';
import { DIALECTS, Dialects } from '../../../../src/policy/dialects/dialects.ts';
import { NETWORK_POLICY } from '../../../../src/policy/dialects/network-policy/dialect.ts';
import { OTHER_POLICY_APIS } from '../../../../src/policy/dialects/other-policy-apis.ts';
import { defineDialect, type FactKind } from '../../../../src/policy/model/dialect.ts';

const SET: FactKind = {
  kind: 'Set',
  plural: 'sets',
  served: [
    { group: 'toy.example', versions: ['v1', 'v2'] },
    { group: 'old.toy.example', versions: ['v1'] },
  ],
  scope: 'Cluster',
  role: 'fact',
  read: (object) => Object(object),
};

describe('the dialects', () => {
  const dialects = new Dialects([
    defineDialect({ name: 'network-policy', kinds: [NETWORK_POLICY] }),
    defineDialect({ name: 'toy', kinds: [SET] }),
  ]);

  it.each(['toy.example/v1', 'toy.example/v2', 'old.toy.example/v1'])(
    'have a kind of two groups in %s',
    (apiVersion) => {
      expect(dialects.kindOf(apiVersion, 'Set')).toBe(SET);
      expect(dialects.kindAt(`${apiVersion}/sets`)).toBe(SET);
    },
  );

  it.each([
    ['old.toy.example/v2', 'Set', 'sets'],
    ['toy.example/v1', 'set', 'set'],
    ['toy.example/v1', 'Sets', 'sets/status'],
    ['__proto__', 'constructor', 'toString'],
  ])('have no %s %s', (apiVersion, kind, plural) => {
    expect(dialects.kindOf(apiVersion, kind)).toBeUndefined();
    expect(dialects.kindAt(`${apiVersion}/${plural}`)).toBeUndefined();
  });

  it('share no name', () => {
    const toy = defineDialect({ name: 'toy', kinds: [SET] });
    const other = defineDialect({ name: 'other', kinds: [{ ...SET, kind: 'Group' }] });
    expect(() => new Dialects([toy, other])).toThrow('toy.example/v1/sets is in two dialects');
  });

  it('are not among the APIs that are not read', () => {
    const groupKinds = DIALECTS.kinds.flatMap(({ served, kind }) => served.map(({ group }) => `${group} ${kind}`));
    const others = OTHER_POLICY_APIS.map(({ group, kind }) => `${group} ${kind}`);
    expect(groupKinds.filter((name) => others.includes(name))).toEqual([]);
  });
});
