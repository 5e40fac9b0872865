import { describe, expect, it, test } from 'vitest';
import { evaluate } from '../../../../src/policy/evaluate.ts';
import type { Change } from '../../../../src/policy/model/change.ts';
import type { Settings } from '../../../../src/policy/model/settings.ts';
import { weightOf } from '../../../../src/policy/model/weight.ts';
import { offlineSnapshot } from '../../../../src/policy/offline-snapshot.ts';
import { policy, SETTINGS } from '../fixtures.ts';

const MIB = 1024 * 1024;

const ofPorts = (count: number) =>
  policy('web', {
    podSelector: {},
    policyTypes: ['Egress'],
    egress: [{ ports: Array.from({ length: count }, (_, i) => ({ port: i + 1 })) }],
  });
const [small, large] = [ofPorts(10), ofPorts(1000)];

interface World {
  readonly settings?: Settings;
  readonly namespace?: string;
  readonly isWhole?: boolean;
}

function find(change: Omit<Change, 'namespace'>, left: number, world: World = {}) {
  const { settings = SETTINGS, namespace = 'shop', isWhole = true } = world;
  const room = () => ({ limit: 2 * MIB, demanded: 2 * MIB - left, isWhole: isWhole && left >= 0, weigh: weightOf });
  const labels = new Map(namespace === 'relaxed' ? [['netpol-guard.io/enforce', 'off']] : []);
  const facts = { namespaces: [{ name: namespace, labels, terminating: false }], policies: [], otherPolicies: [] };
  const { findings } = evaluate({ ...change, namespace }, { ...offlineSnapshot(facts, settings), room }, settings, 0);
  return findings.find(({ rule }) => rule === 'policy-too-complicated');
}

test('a policy for which there is no room is refused, with what there is and what it takes', () => {
  expect(find({ operation: 'CREATE', after: large }, 1000)).toMatchObject({
    rule: 'policy-too-complicated',
    effect: 'deny',
    path: 'spec',
    short:
      'the policies of the namespace would be too large together: 2.5 MiB of memory, and this one takes 0.5; the limit is 2 MiB',
    fix: {
      steps: [{ text: 'Remove policies that are not needed, or write larger blocks and ranges of ports', edits: [] }],
    },
  });
});

test.each<[string, Omit<Change, 'namespace'>, number]>([
  ['fits', { operation: 'CREATE', after: large }, weightOf(large)],
  ['shrinks', { operation: 'UPDATE', before: large, after: small }, -MIB],
  ['stays', { operation: 'UPDATE', before: large, after: large }, -MIB],
  ['takes the place of another as large', { operation: 'UPDATE', before: large, after: ofPorts(1000) }, 0],
  ['goes', { operation: 'DELETE', before: large }, -MIB],
  ['stands', { operation: 'AUDIT', after: large }, -MIB],
])('a policy that %s is let be', (_, change, left) => {
  expect(find(change, left)).toBeUndefined();
});

test('one that grows past the room is refused', () => {
  expect(find({ operation: 'UPDATE', before: small, after: large }, 1000)?.effect).toBe('deny');
});

test('where nothing is enforced it is a warning', () => {
  expect(find({ operation: 'CREATE', after: large }, 0, { namespace: 'relaxed' })?.effect).toBe('warn');
});

test.each<[string, Partial<Settings>]>([
  ['a user', { exemptions: { ...SETTINGS.exemptions, users: ['dev'] } }],
  [
    'the policy',
    {
      exemptions: {
        ...SETTINGS.exemptions,
        entries: [{ namespace: 'shop', name: 'web', rules: ['policy-too-complicated'], reason: 'r' }],
      },
    },
  ],
  ['a system namespace', { systemNamespaces: ['shop'] }],
])('where %s is exempt nothing is said', (_, more) => {
  const user = { username: 'dev', groups: [] };
  expect(find({ operation: 'CREATE', after: large, user }, 0, { settings: { ...SETTINGS, ...more } })).toBeUndefined();
});

test('where everything is kept there is always room', () => {
  const snapshot = offlineSnapshot({ namespaces: [], policies: [], otherPolicies: [] }, SETTINGS);
  const { findings } = evaluate({ operation: 'CREATE', namespace: 'shop', after: large }, snapshot, SETTINGS, 0);
  expect(findings.filter(({ rule }) => rule === 'policy-too-complicated')).toEqual([]);
});

describe('beside policies that are not kept', () => {
  const opening = (name: string, cidrs: readonly string[], junk: number) =>
    policy(name, {
      podSelector: {},
      policyTypes: ['Egress'],
      egress: [
        { to: cidrs.map((cidr) => ({ ipBlock: { cidr } })), ports: [{ protocol: 'UDP', port: 53 }] },
        { to: Array.from({ length: junk }, (_, i) => ({ ipBlock: { cidr: `10.0.${i}.0/24` } })) },
      ],
    });
  const before = opening('light', ['10.9.9.0/24'], 200);

  it('a lighter policy cannot take the place of another to open the other half', () => {
    const found = find({ operation: 'UPDATE', before, after: opening('light', ['9.128.0.0/9'], 100) }, -MIB);
    expect(found).toMatchObject({ effect: 'deny', why: expect.stringContaining('are too large together') });
  });

  it('nor where that makes room, but for what is not kept until then', () => {
    const change: Omit<Change, 'namespace'> = {
      operation: 'UPDATE',
      before: large,
      after: opening('web', ['9.128.0.0/9'], 1),
    };
    expect(find(change, -1000)).toMatchObject({
      effect: 'deny',
      why: expect.stringContaining('are too large together'),
    });
  });

  it('nor while they have yet to be read again', () => {
    const after = opening('new', ['9.128.0.0/9'], 0);
    expect(find({ operation: 'CREATE', after }, MIB, { isWhole: false })).toMatchObject({
      effect: 'deny',
      why: 'The policies of the namespace were too large together, and some have yet to be read again.',
      fix: { steps: [{ text: 'Try again in a few seconds' }] },
    });
    expect(find({ operation: 'CREATE', after }, MIB)).toBeUndefined();
  });

  it('what opens nothing outside may come meanwhile', () => {
    const inside = policy('new', { podSelector: {}, policyTypes: ['Egress'], egress: [{ to: [{ podSelector: {} }] }] });
    expect(find({ operation: 'CREATE', after: inside }, MIB, { isWhole: false })).toBeUndefined();
  });

  it('what opens nothing outside may change, as long as it does not grow', () => {
    const inside = policy('light', {
      podSelector: {},
      policyTypes: ['Egress'],
      egress: [{ to: [{ podSelector: {} }] }],
    });
    const others = { ...inside, ref: { ...inside.ref, name: 'light' } };
    const heavy = policy('light', {
      podSelector: {},
      policyTypes: ['Egress'],
      egress: Array.from({ length: 5 }, (_, i) => ({ to: [{ podSelector: { matchLabels: { app: `${i}` } } }] })),
    });
    expect(find({ operation: 'UPDATE', before: heavy, after: others }, -MIB)).toBeUndefined();
  });
});

describe('beside a policy that is too large to be read', () => {
  const opening = (port: object, cidr = '9.128.0.0/9') =>
    policy('new', {
      podSelector: {},
      policyTypes: ['Egress'],
      egress: [{ to: [{ ipBlock: { cidr } }], ports: [port] }],
    });
  const beside = (change: Omit<Change, 'namespace'>, unread: readonly string[] = ['huge']) => {
    const snapshot = offlineSnapshot({ namespaces: [], policies: [], otherPolicies: [] }, SETTINGS);
    const seen = { ...snapshot, unreadablePolicies: () => unread };
    const { findings } = evaluate({ ...change, namespace: 'shop' }, seen, SETTINGS, 0);
    return findings.find(({ rule }) => rule === 'policy-too-complicated');
  };
  const dns = opening({ protocol: 'UDP', port: 53 });

  it('nothing opens DNS to a part of the Internet', () => {
    expect(beside({ operation: 'CREATE', after: dns })).toMatchObject({
      effect: 'deny',
      headline: 'opens DNS beside a policy too large to read',
      why: 'huge is too large to be read, so what they open together is unknown.',
      short: 'opens DNS ports to the Internet, and huge is too large to be read',
    });
    for (const port of [{ port: 'dns' }, { protocol: 'UDP' }, { port: 1, endPort: 65_535 }]) {
      expect(beside({ operation: 'CREATE', after: opening(port) })?.effect).toBe('deny');
    }
  });

  it.each<[string, Omit<Change, 'namespace'>, (readonly string[])?]>([
    ['other ports', { operation: 'CREATE', after: opening({ port: 443 }) }],
    ['private addresses', { operation: 'CREATE', after: opening({ protocol: 'UDP', port: 53 }, '10.0.0.0/9') }],
    ['no more than before', { operation: 'UPDATE', before: dns, after: dns }],
    ['what the large one opened itself', { operation: 'UPDATE', after: dns }, ['new']],
    ['less, since it goes', { operation: 'DELETE', before: dns }],
  ])('what opens %s is let be', (_, change, unread) => {
    expect(beside(change, unread)).toBeUndefined();
  });
});
