import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Action,
  type ApplyAnswer,
  decide,
  type Input,
  type StoredPolicy,
} from '../../../src/controller/decide.ts';
import { specText } from '../../../src/policy/dialects/network-policy/spec-text.ts';
import { BUILT_IN_TEMPLATES } from '../../../src/policy/model/template.ts';
import { type DesiredPolicy, desiredPolicies } from '../../../src/policy/templates/desired.ts';
import { AddressSet } from '../../../src/sets/address-set.ts';
import { ALLOW, DENY, dnsOf, KUBE_DNS, WITH_BASELINE } from './world.ts';

const FACTS = { dns: dnsOf(KUBE_DNS), services: { ranges: AddressSet.empty, apiServerEndpoints: [] } };
const REPAIR = 'netpol-guard-dns-for-mine';
const SINCE = 1000;

interface Case extends Partial<Omit<Input, 'namespace'>> {
  readonly labels?: Readonly<Record<string, string>>;
  readonly createdAt?: number;
}

function inputOf({ labels = {}, createdAt = 0, ...more }: Case): Input {
  return {
    namespace: {
      name: 'shop',
      labels: new Map(Object.entries(labels)),
      labelsKnown: true,
      terminating: false,
      createdAt,
    },
    standing: new Map(),
    answers: new Map(),
    foreign: new Set(),
    isPatched: false,
    settings: WITH_BASELINE,
    facts: FACTS,
    repairs: [],
    baselineSince: SINCE,
    now: 0,
    ...more,
  };
}

/** Each action as a word or two. */
function words(actions: readonly Action[]): readonly string[] {
  return actions.map((action) => {
    switch (action.kind) {
      case 'apply':
        return `${action.heals ? 'heal' : 'apply'} ${action.policy.name}`;
      case 'delete':
        return `delete ${action.name}`;
      case 'label':
        return `label ${action.label.template} (${action.label.why})`;
      case 'release':
        return 'release';
    }
  });
}

const actionsFor = (given: Case) => words(decide(inputOf(given)).actions);

function desired(template = 'default-deny'): readonly DesiredPolicy[] {
  const found = BUILT_IN_TEMPLATES.get(template);
  if (found === undefined) throw new Error(`no template ${template}`);
  return desiredPolicies(found, FACTS).policies;
}

const stands = ({ text }: Pick<DesiredPolicy, 'text'>, more: Partial<StoredPolicy> = {}): StoredPolicy => ({
  text,
  labelled: true,
  denies: !text.includes('"to"'),
  ...more,
});

const standing = (policies: readonly DesiredPolicy[]) =>
  new Map(policies.map((policy) => [policy.name, stands(policy)]));

const answered = (policies: readonly DesiredPolicy[], more: Partial<ApplyAnswer> = {}) =>
  new Map(policies.map((policy) => [policy.name, { wanted: policy.text, stored: stands(policy), at: 0, ...more }]));

const labels = { 'netpol-guard.io/baseline': 'default-deny' };
const pending = { ...labels, 'netpol-guard.io/baseline-status': 'pending' };
const repair: DesiredPolicy = { name: REPAIR, spec: {}, text: specText({ podSelector: {}, egress: [{ to: [] }] }) };
const other = stands({ text: '{"else":true}' });

describe('what is to be done', () => {
  test.each<[string, Case, readonly string[]]>([
    ['nothing stands: what allows comes first', { labels }, [`apply ${ALLOW}`, `apply ${DENY}`]],
    ['all stands: nothing', { labels, standing: standing(desired()) }, []],
    [
      'all stands, but no label of ours is on it',
      { labels, standing: new Map(desired().map((policy) => [policy.name, stands(policy, { labelled: false })])) },
      [`apply ${ALLOW}`, `apply ${DENY}`],
    ],
    [
      'what we applied is another one',
      { labels, standing: standing(desired()).set(DENY, other), answers: answered(desired()) },
      [`heal ${DENY}`],
    ],
    [
      'what we applied is gone',
      { labels, standing: standing(desired().slice(0, 1)), answers: answered(desired()) },
      [`heal ${DENY}`],
    ],
    [
      'another template: what denies is applied before the way to DNS goes',
      { labels: { 'netpol-guard.io/baseline': 'default-deny-ingress' }, standing: standing(desired()) },
      [`apply ${DENY}`, `delete ${ALLOW}`],
    ],
    [
      'none any more: what denies goes first',
      { labels: { 'netpol-guard.io/baseline': 'none' }, standing: standing(desired()) },
      [`delete ${DENY}`, `delete ${ALLOW}`],
    ],
    [
      'what others made under our names stays',
      { labels: { 'netpol-guard.io/baseline': 'none' }, standing: standing(desired()), foreign: new Set([ALLOW]) },
      [`delete ${DENY}`],
    ],
    [
      'a template that nobody knows: nothing but that pods are let in',
      { labels: { ...pending, 'netpol-guard.io/baseline': 'gone' }, standing: standing(desired()) },
      ['release'],
    ],
    ['a label that is missing', { createdAt: SINCE, standing: standing(desired()) }, ['label default-deny (missed)']],
    [
      'a label that was taken off an older namespace',
      { createdAt: SINCE - 1, standing: standing(desired()) },
      [`delete ${DENY}`, `delete ${ALLOW}`],
    ],
    [
      'a label that is missing while nobody knows since when there are any',
      { createdAt: SINCE, baselineSince: undefined, standing: standing(desired()) },
      [],
    ],
    [
      'a repair, for which pods that are held back need not wait',
      { labels: pending, repairs: [repair] },
      [`apply ${ALLOW}`, `apply ${DENY}`, 'release', `apply ${REPAIR}`],
    ],
    ['a repair that nobody needs', { labels: {}, standing: standing([repair]) }, [`delete ${REPAIR}`]],
    [
      'a repair, while no resolver is known',
      { labels: {}, standing: standing([repair]), facts: { ...FACTS, dns: dnsOf([]) } },
      [],
    ],
    ['pods held back until all stands', { labels: pending }, [`apply ${ALLOW}`, `apply ${DENY}`, 'release']],
    [
      'pods held back where a cache alone says that all stands',
      { labels: pending, standing: standing(desired()) },
      [`apply ${ALLOW}`, `apply ${DENY}`, 'release'],
    ],
    [
      'pods held back where the API server has said so',
      { labels: pending, standing: standing(desired()), answers: answered(desired()) },
      ['release'],
    ],
    [
      'pods held back, in a cache alone',
      { labels: pending, standing: standing(desired()), answers: answered(desired()), isPatched: true },
      [],
    ],
    ['a label that is missing in a cache alone', { createdAt: SINCE, isPatched: true }, []],
    ['pods held back for nothing', { labels: { ...pending, 'netpol-guard.io/baseline': 'none' } }, ['release']],
    [
      'pods held back while no resolver is known',
      { labels: pending, facts: { ...FACTS, dns: dnsOf([]) } },
      ['release'],
    ],
    [
      'pods held back, and the policies are changed on their way',
      {
        labels: pending,
        standing: standing(desired()).set(DENY, other),
        answers: answered(desired()).set(DENY, { wanted: desired()[1]?.text ?? '', stored: other, at: 0 }),
      },
      [],
    ],
  ])('%s', (_, given, expected) => {
    expect(actionsFor(given)).toEqual(expected);
  });
});

test('a policy that is changed on its way is applied again after a minute', () => {
  const answers = answered(desired()).set(DENY, { wanted: desired()[1]?.text ?? '', stored: other, at: 5000 });
  const altered = { labels, standing: standing(desired()).set(DENY, other), answers };
  expect(decide(inputOf({ ...altered, now: 6000 }))).toMatchObject({
    actions: [],
    state: 'altered',
    againAfterMs: 59_000,
  });
  expect(actionsFor({ ...altered, now: 65_000 })).toEqual([`apply ${DENY}`]);
});

test('whatever stands, nothing is left to do once the actions are done, and the same is decided of the same', () => {
  const names = [ALLOW, DENY, REPAIR, 'netpol-guard-else'];
  const texts = [...desired(), ...desired('default-deny-egress'), repair].map(({ text }) => text);
  const some = fc.dictionary(
    fc.constantFrom(...names),
    fc.record({ text: fc.constantFrom(...texts, '{}'), labelled: fc.boolean(), denies: fc.boolean() }),
  );
  const worlds = fc.record({
    stored: some,
    value: fc.constantFrom('default-deny', 'default-deny-egress', 'default-deny-ingress', 'none', 'gone'),
    held: fc.boolean(),
    known: fc.boolean(),
    repairs: fc.boolean(),
  });
  fc.assert(
    fc.property(worlds, ({ stored, value, held, known, repairs }) => {
      const given = inputOf({
        labels: { 'netpol-guard.io/baseline': value, ...(held && { 'netpol-guard.io/baseline-status': 'pending' }) },
        standing: new Map(Object.entries(stored)),
        facts: { ...FACTS, dns: dnsOf(known ? KUBE_DNS : []) },
        repairs: repairs ? [repair] : [],
      });
      const { actions } = decide(given);
      expect(decide(given).actions).toEqual(actions);
      expect(decide(after(given, actions)).actions).toEqual([]);
    }),
  );
});

/** The world once all has been done. */
function after(input: Input, actions: readonly Action[]): Input {
  const standing = new Map(input.standing);
  const answers = new Map(input.answers);
  const labels = new Map(input.namespace.labels);
  for (const action of actions) {
    if (action.kind === 'apply') {
      standing.set(action.policy.name, stands(action.policy));
      answers.set(action.policy.name, { wanted: action.policy.text, stored: stands(action.policy), at: 0 });
    }
    if (action.kind === 'delete') standing.delete(action.name);
    if (action.kind === 'release') labels.delete('netpol-guard.io/baseline-status');
  }
  return { ...input, standing, answers, namespace: { ...input.namespace, labels } };
}

describe('while pods are given another nameserver than those found', () => {
  const facts = { ...FACTS, dns: { ...FACTS.dns, mismatch: '10.0.0.53' } };
  const decisionFor = (given: Case) => decide(inputOf({ facts, ...given }));

  test('no namespace is locked down that was not, and its pods are let in', () => {
    const decision = decisionFor({ labels: pending });
    expect(words(decision.actions)).toEqual(['release']);
    expect(decision).toMatchObject({ state: 'waiting', waiting: [ALLOW, DENY] });
  });

  test('what stands is kept, healed and brought up to date', () => {
    expect(words(decisionFor({ labels, standing: standing(desired()) }).actions)).toEqual([]);
    const [allow, deny] = [standing(desired().slice(0, 1)), standing(desired().slice(1))];
    expect(words(decisionFor({ labels, standing: allow }).actions)).toEqual([`apply ${DENY}`]);
    expect(words(decisionFor({ labels, standing: deny }).actions)).toEqual([`apply ${ALLOW}`]);
    const deleted = { labels, answers: answered(desired()) };
    expect(words(decisionFor(deleted).actions)).toEqual([`heal ${ALLOW}`, `heal ${DENY}`]);
    const changed = { labels, standing: standing(desired()).set(ALLOW, other) };
    expect(words(decisionFor(changed).actions)).toEqual([`apply ${ALLOW}`]);
  });

  test('nothing is removed, whatever the template asks for', () => {
    fc.assert(
      fc.property(fc.subarray([...desired()]), fc.constantFrom(...BUILT_IN_TEMPLATES.keys()), (stored, template) => {
        const given = { labels: { 'netpol-guard.io/baseline': template }, standing: standing(stored) };
        const removed = ({ actions }: ReturnType<typeof decide>) =>
          words(actions).filter((one) => one.startsWith('delete'));
        expect(removed(decide(inputOf(given)))).toEqual(expect.arrayContaining(removed(decisionFor(given))));
      }),
    );
  });

  test('a template that leaves egress open is applied as ever', () => {
    const given = { labels: { 'netpol-guard.io/baseline': 'default-deny-ingress' } };
    expect(words(decisionFor(given).actions)).toEqual([`apply ${DENY}`]);
  });
});
