import { setImmediate as nextLoop } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createNamespaceHandler } from '../../../../src/admission/handlers/namespaces.ts';
import type { HandlerContext } from '../../../../src/admission/review/handler.ts';
import { parseAdmissionReview } from '../../../../src/admission/review/review.ts';
import { readNetworkPolicy } from '../../../../src/policy/dialects/network-policy/network-policy.ts';
import { NamespacePolicies } from '../../../../src/policy/model/namespace-policies.ts';
import { namespaceReview } from '../namespace-review.ts';
import { clock, finding, judging, policy, settings, snapshotOf, told, verdict } from '../setup.ts';

type Labels = Readonly<Record<string, string>>;

function namespace(labels: Labels | undefined, metadata: object = {}): object {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', ...(labels && { labels }), ...metadata } };
}

async function ask(object: object, oldObject?: object, more: Partial<HandlerContext> = {}, operation?: string) {
  const handle = told(createNamespaceHandler({ ...judging(), ...more }));
  return handle(reviewOf(object, oldObject, operation), clock.elapsed() + 4500);
}

function reviewOf(object: object, oldObject?: object, operation?: string) {
  return parseAdmissionReview(namespaceReview(object, oldObject, operation === undefined ? {} : { operation }));
}

/** A world with so many policies; those with an odd number are refused at strict. */
function withPolicies(count: number): Partial<HandlerContext> {
  const policies = new NamespacePolicies();
  for (let i = 0; i < count; i += 1) policies.set(`p${i}`, readNetworkPolicy(policy({}, { name: `p${i}` }), 'shop'));
  return {
    gatherSnapshot: () => ({ ...snapshotOf({ shop: {} }), policies: () => policies }),
    evaluate: ({ operation, after, namespace: name }, snapshot) => {
      const level = snapshot.namespace(name)?.labels.get('netpol-guard.io/enforce');
      const odd = Number(after?.ref.name?.slice(1)) % 2 === 1;
      return operation === 'AUDIT' && level === 'strict' && odd
        ? verdict(
            finding('dns-partly-blocked', 'deny'),
            finding('dns-open-to-cluster', 'deny'),
            finding('dns-blocked', 'warn'),
          )
        : verdict();
    },
  };
}

test.each(['off', 'standard', 'strict'])('the level %s is fine', async (level) => {
  const labels = { 'netpol-guard.io/enforce': level, 'netpol-guard.io/warn': level, 'netpol-guard.io/audit': level };
  expect(await ask(namespace(labels))).toEqual({ allowed: true });
});

test('a misspelt level is refused with those that there are', async () => {
  const answer = await ask(namespace({ 'netpol-guard.io/enforce': 'Strict', 'netpol-guard.io/audit': 'none' }));
  expect(answer).toEqual({
    allowed: false,
    status: {
      status: 'Failure',
      code: 422,
      reason: 'Invalid',
      message:
        'metadata.labels[netpol-guard.io/enforce]: "Strict" is not a level; use off, standard, strict, or remove the label\n' +
        'metadata.labels[netpol-guard.io/audit]: "none" is not a level; use off, standard, strict, or remove the label',
      details: {
        causes: [
          {
            reason: 'FieldValueNotSupported',
            message: '"Strict" is not a level; use off, standard, strict, or remove the label',
            field: 'metadata.labels[netpol-guard.io/enforce]',
          },
          {
            reason: 'FieldValueNotSupported',
            message: '"none" is not a level; use off, standard, strict, or remove the label',
            field: 'metadata.labels[netpol-guard.io/audit]',
          },
        ],
      },
    },
  });
});

test('a misspelt level that was stored already is not refused, but told', async () => {
  const bad = { 'netpol-guard.io/warn': 'strikt' };
  expect(await ask(namespace({ ...bad, team: 'a' }), namespace(bad))).toEqual({
    allowed: true,
    warnings: ['label netpol-guard.io/warn=strikt is not off, standard or strict; strict counts'],
  });
  expect(await ask(namespace({ 'netpol-guard.io/warn': 'strick' }), namespace(bad))).toMatchObject({ allowed: false });
});

test('a key that looks like ours is told with the nearest one, once it is new', async () => {
  const labels = { 'netpol-guard.io/enforced': 'strict', 'netpol-guard.io/zebra': 'x', 'other.io/enforced': 'y' };
  expect(await ask(namespace(labels))).toEqual({
    allowed: true,
    warnings: [
      'label netpol-guard.io/enforced means nothing here; did you mean netpol-guard.io/enforce?',
      expect.stringMatching(/^label netpol-guard\.io\/zebra means nothing here/),
    ],
  });
  expect(await ask(namespace(labels), namespace(labels))).toEqual({ allowed: true });
});

test('raising enforce tells which policies it would refuse', async () => {
  const answer = await ask(namespace({ 'netpol-guard.io/enforce': 'strict' }), namespace({}), withPolicies(9));
  expect(answer).toEqual({
    allowed: true,
    warnings: [
      'enforce=strict would refuse 4 of 9 policies here',
      'p1: dns-partly-blocked, dns-open-to-cluster',
      'p3: dns-partly-blocked, dns-open-to-cluster',
      'p5: dns-partly-blocked, dns-open-to-cluster',
      'and 1 more',
    ],
  });
});

test('raising enforce stops at its budget of policies, and says so', async () => {
  const answer = await ask(namespace({ 'netpol-guard.io/enforce': 'strict' }), namespace({}), withPolicies(1500));
  expect(answer.warnings?.[0]).toBe('enforce=strict would refuse 500 of the first 1000 of 1500 policies here');
});

test('raising enforce stops at its budget of time, and says so', async () => {
  let time = 0;
  const { evaluate, ...rest } = withPolicies(100);
  const slow: HandlerContext['evaluate'] = (...about) => {
    time += 35;
    return evaluate?.(...about) ?? verdict();
  };
  const more = { ...rest, evaluate: slow, clock: { now: () => 0, elapsed: () => time } };
  const answer = await ask(namespace({ 'netpol-guard.io/enforce': 'strict' }), namespace({}), more);
  expect(answer.warnings?.[0]).toBe('enforce=strict would refuse 3 of the first 6 of 100 policies here');
});

test('a namespace whose policies all pass is raised without a word', async () => {
  const more = withPolicies(1);
  expect(await ask(namespace({ 'netpol-guard.io/enforce': 'strict' }), namespace({}), more)).toEqual({ allowed: true });
});

test('raised is what counts: from a misspelt label, from none, by taking one away', async () => {
  const strictByDefault = { ...settings, modes: { ...settings.modes, enforce: 'strict' } } as const;
  const more = { ...withPolicies(2), evaluate: () => verdict(finding('dns-blocked', 'deny')) };
  const warned = async (after: Labels, before: Labels, overrides: Partial<HandlerContext> = {}) =>
    (await ask(namespace(after), namespace(before), { ...more, ...overrides })).warnings?.some((line) =>
      /would refuse/.test(line),
    ) ?? false;
  const key = 'netpol-guard.io/enforce';
  expect(await warned({ [key]: 'standard' }, { [key]: 'off' })).toBe(true);
  expect(await warned({}, { [key]: 'off' })).toBe(true);
  expect(await warned({ [key]: 'strict' }, { [key]: 'oops' })).toBe(true);
  expect(await warned({ [key]: 'strict' }, { [key]: 'oops' }, { settings: () => strictByDefault })).toBe(false);
  expect(await warned({ [key]: 'off' }, {})).toBe(false);
  expect(await warned({ [key]: 'standard' }, {})).toBe(false);
  expect(await warned({ [key]: 'standard' }, { [key]: 'strict' })).toBe(false);
});

test('a namespace that goes is left alone', async () => {
  const going = namespace({}, { deletionTimestamp: '2026-01-01T00:00:00Z' });
  expect(await ask(namespace({ 'netpol-guard.io/enforce': 'oops' }), going)).toEqual({ allowed: true });
});

test('a label by the name of a prototype is a label', async () => {
  const labels: unknown = JSON.parse('{"__proto__": "x", "constructor": "y"}');
  const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels } };
  expect(await ask(object)).toEqual({ allowed: true });
});

test('labels that cannot be read are refused as Invalid', async () => {
  const object = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'shop', labels: { 'netpol-guard.io/enforce': 1 } },
  };
  expect(await ask(object)).toMatchObject({
    allowed: false,
    status: {
      code: 422,
      message:
        'the namespace cannot be read: metadata.labels[netpol-guard.io/enforce]: 1 is a number where a string is expected; put it in quotes',
    },
  });
});

test('the deletion of a namespace is a request that does not belong here', async () => {
  await expect(ask(namespace({}), namespace({}), {}, 'DELETE')).rejects.toThrow(
    'the deletion of a Namespace is not judged',
  );
});

test('a template that there is none of is refused with those that there are', async () => {
  const key = 'netpol-guard.io/baseline';
  const problem = (value: string, meant: string) =>
    `"${value}" is not a template; ${meant}use none, default-deny, default-deny-egress, default-deny-ingress`;
  const answer = await ask(namespace({ [key]: 'deafult-deny' }));
  expect(answer).toMatchObject({ allowed: false, status: { code: 422, reason: 'Invalid' } });
  expect(answer.status?.message).toBe(
    `metadata.labels[${key}]: ${problem('deafult-deny', 'did you mean default-deny? ')}`,
  );
  expect(answer.status?.details?.causes).toEqual([
    {
      reason: 'FieldValueNotSupported',
      message: problem('deafult-deny', 'did you mean default-deny? '),
      field: `metadata.labels[${key}]`,
    },
  ]);
  const changed = await ask(namespace({ [key]: 'pci' }), namespace({ [key]: 'default-deny' }));
  expect(changed.status?.message).toBe(`metadata.labels[${key}]: ${problem('pci', '')}`);
  expect(await ask(namespace({ [key]: '__proto__' }))).toMatchObject({ allowed: false });
  expect(await ask(namespace({ [key]: 'oops', 'netpol-guard.io/warn': 'oops' }))).toMatchObject({
    status: {
      message: expect.stringMatching(/warn\]: "oops" is not a level.*\n.*baseline\]: "oops" is not a template/),
    },
  });
});

test('a template that was stored already and is none is not refused, but told', async () => {
  const stored = { 'netpol-guard.io/baseline': 'gone' };
  expect(await ask(namespace({ ...stored, team: 'a' }), namespace(stored))).toEqual({
    allowed: true,
    warnings: ['label netpol-guard.io/baseline=gone names no template; no baseline is applied'],
  });
});

test('a template for a namespace that never gets one is told once, by the name or the one that it will have', async () => {
  const excluding = { ...settings, systemNamespaces: ['sh*'] };
  const more = { settings: () => excluding };
  const labels = { 'netpol-guard.io/baseline': 'default-deny' };
  const warnings = ['label netpol-guard.io/baseline does nothing here: this namespace is excluded'];
  expect(await ask(namespace(labels), undefined, more)).toEqual({ allowed: true, warnings });
  expect(await ask(namespace(labels), namespace(labels), more)).toEqual({ allowed: true });
  expect(await ask(namespace({ 'netpol-guard.io/baseline': 'none' }), undefined, more)).toEqual({ allowed: true });
});

test('raises of many namespaces at once leave the thread to others in between', async () => {
  let elapsed = 0;
  const judged: number[] = [];
  const { gatherSnapshot } = withPolicies(2);
  const handle = createNamespaceHandler({
    ...judging(),
    ...(gatherSnapshot && { gatherSnapshot }),
    clock: { now: () => 0, elapsed: () => elapsed },
    evaluate: () => {
      elapsed += 150;
      judged.push(elapsed);
      return verdict();
    },
  });
  const raise = async () =>
    await handle(reviewOf(namespace({ 'netpol-guard.io/enforce': 'strict' }), namespace({})), 60_000);
  const answers = Promise.all(Array.from({ length: 10 }, raise));
  for (let seen = 0; seen < 20; ) {
    await nextLoop();
    expect(judged.length - seen).toBeLessThanOrEqual(1);
    seen = judged.length;
  }
  await answers;
});
