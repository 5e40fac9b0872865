import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createMutationHandler } from '../../../../src/admission/handlers/mutate.ts';
import type { HandlerContext } from '../../../../src/admission/review/handler.ts';
import type { AdmissionResponse } from '../../../../src/admission/review/response.ts';
import { applyPatch, type LabelStep } from '../../../../src/objects/json-patch.ts';
import type { Settings } from '../../../../src/policy/model/settings.ts';
import { BUILT_IN_TEMPLATES, type Template } from '../../../../src/policy/model/template.ts';
import { UID } from '../../../harness/admission-review.ts';
import {
  answerOf,
  BASELINE,
  judgingWith,
  type Labels,
  namespace,
  namespaceReview,
  OURSELVES,
  STATUS,
  withBaseline,
} from '../namespace-review.ts';
import { post, recorder, serverOf, silent } from '../setup.ts';

const KEPT_BASELINE = `label ${BASELINE} is kept: set it to none to opt out of the baseline`;
const KEPT_STATUS = `label ${STATUS} is kept: netpol-guard removes it once the baseline is in place`;

async function ask(object: object, oldObject?: object, { judging = judgingWith(), request = {} } = {}) {
  return answerOf(createMutationHandler(judging, silent), namespaceReview(object, oldObject, request));
}

function patchOf({ patch, patchType }: AdmissionResponse): readonly LabelStep[] {
  expect(patchType).toBe(patch === undefined ? undefined : 'JSONPatch');
  return patch === undefined ? [] : JSON.parse(Buffer.from(patch, 'base64').toString());
}

/** The labels that the namespace ends up with. */
async function labelsAfter(object: object, oldObject?: object, how: Parameters<typeof ask>[2] = {}): Promise<Labels> {
  const patched: unknown = applyPatch(object, patchOf(await ask(object, oldObject, how)));
  return (patched as { metadata?: { labels?: Labels | null } | null }).metadata?.labels ?? {};
}

function withSettings(
  more: Partial<Settings>,
  baseline: Partial<Settings['baseline']> = {},
): { judging: HandlerContext } {
  return { judging: judgingWith({ ...withBaseline, ...more, baseline: { ...withBaseline.baseline, ...baseline } }) };
}

/** A cluster in which nobody knows yet who is DNS. */
function withoutResolver(now: Settings = withBaseline): { judging: HandlerContext } {
  const snapshot = judgingWith(now).gatherSnapshot();
  const facts = { ...snapshot, dns: { ...snapshot.dns, worlds: [], isKnown: false } };
  return { judging: judgingWith(now, { gatherSnapshot: () => facts }) };
}

test('a name that the API server will refuse only after mutation is left to it', async () => {
  const request = { name: 'My_Shop', namespace: 'My_Shop' };
  expect(await ask(namespace({}, { name: 'My_Shop' }), undefined, { request })).toMatchObject({ allowed: true });
});

test('nobody is held back while pods are given another nameserver than those found', async () => {
  const snapshot = judgingWith().gatherSnapshot();
  const facts = { ...snapshot, dns: { ...snapshot.dns, mismatch: '10.0.0.53' } };
  const judging = judgingWith(withBaseline, { gatherSnapshot: () => facts });
  expect(await labelsAfter(namespace(), undefined, { judging })).toEqual({ [BASELINE]: 'default-deny' });
  const mixed: Template = {
    name: 'mixed',
    items: [{ part: 'default-deny' }, { part: 'allow-ingress-from', namespaces: ['gateway'] }],
  };
  const template = { baseline: { ...withBaseline.baseline, template: mixed, templates: new Map([['mixed', mixed]]) } };
  const withMixed = judgingWith({ ...withBaseline, ...template }, { gatherSnapshot: () => facts });
  expect(await labelsAfter(namespace(), undefined, { judging: withMixed })).toEqual({ [BASELINE]: 'mixed' });
  const ingressAlone = { [BASELINE]: 'default-deny-ingress' };
  expect(await labelsAfter(namespace(ingressAlone), undefined, { judging })).toEqual({
    ...ingressAlone,
    [STATUS]: 'pending',
  });
});

test('a new namespace gets the default template and the gate, in one answer of known form', async () => {
  const handler = createMutationHandler(judgingWith(), silent);
  const server = serverOf(undefined, { routes: new Map([['/mutate', new Map([['v1/namespaces', handler]])]]) });
  const response = await post(server, namespaceReview(namespace({ team: 'a' })), '/mutate?timeout=5s');
  expect(response.json()).toEqual({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: {
      uid: UID,
      allowed: true,
      patch:
        'W3sib3AiOiJhZGQiLCJwYXRoIjoiL21ldGFkYXRhL2xhYmVscy9uZXRwb2wtZ3VhcmQuaW9+MWJhc2VsaW5lLXN0YXR1cyIsInZhbHVlIjoicGVuZGluZyJ9LHsib3AiOiJhZGQiLCJwYXRoIjoiL21ldGFkYXRhL2xhYmVscy9uZXRwb2wtZ3VhcmQuaW9+MWJhc2VsaW5lIiwidmFsdWUiOiJkZWZhdWx0LWRlbnkifV0=',
      patchType: 'JSONPatch',
    },
  });
  expect(patchOf(response.json().response)).toEqual([
    { op: 'add', path: '/metadata/labels/netpol-guard.io~1baseline-status', value: 'pending' },
    { op: 'add', path: '/metadata/labels/netpol-guard.io~1baseline', value: 'default-deny' },
  ]);
});

test.each([
  ['labels', namespace({})],
  ['labels that are null', namespace(null)],
  ['labels at all', namespace()],
  ['metadata that is null', { apiVersion: 'v1', kind: 'Namespace', metadata: null }],
  ['metadata at all', { apiVersion: 'v1', kind: 'Namespace' }],
])('a new namespace without %s gets both labels', async (_, object) => {
  expect(await labelsAfter(object)).toEqual({ [BASELINE]: 'default-deny', [STATUS]: 'pending' });
});

test('what the submitter wrote of the template stays, and what he wrote of the status does not', async () => {
  const ingress = { [BASELINE]: 'default-deny-ingress', [STATUS]: 'done' };
  expect(await labelsAfter(namespace(ingress))).toEqual({ [BASELINE]: 'default-deny-ingress', [STATUS]: 'pending' });
  for (const template of ['none', 'no-such-template', '']) {
    const labels = { [BASELINE]: template, [STATUS]: 'pending' };
    expect(await labelsAfter(namespace(labels))).toEqual({ [BASELINE]: template });
  }
});

test('with the gate off, the baseline comes without a status', async () => {
  const off = withSettings({ gate: { enabled: false, maxHoldMs: 60_000 } });
  expect(await labelsAfter(namespace({ [STATUS]: 'pending' }), undefined, off)).toEqual({ [BASELINE]: 'default-deny' });
});

test('without a default template, a namespace has the one that it asks for', async () => {
  const none = withSettings({}, { template: undefined });
  expect(await ask(namespace({ team: 'a' }), undefined, none)).toEqual({ allowed: true });
  const labels = { [BASELINE]: 'default-deny-egress' };
  expect(await labelsAfter(namespace(labels), undefined, none)).toEqual({ ...labels, [STATUS]: 'pending' });
});

test('while no resolver is known, only what needs none holds pods back', async () => {
  expect(await labelsAfter(namespace({ [STATUS]: 'pending' }), undefined, withoutResolver())).toEqual({
    [BASELINE]: 'default-deny',
  });
  const ingress = { [BASELINE]: 'default-deny-ingress' };
  expect(await labelsAfter(namespace(ingress), undefined, withoutResolver())).toEqual({
    ...ingress,
    [STATUS]: 'pending',
  });
});

test('an excluded namespace is labelled like others: who may leave it out is never asked about', async () => {
  const excluded = withSettings({}, { excludedNamespaces: ['ci-*', 'shop'] });
  expect(await labelsAfter(namespace({ a: 'b' }), undefined, excluded)).toMatchObject({ [BASELINE]: 'default-deny' });
  const generated = namespace({}, { name: undefined, generateName: 'ci-' });
  const how = { ...excluded, request: { name: '' } };
  expect(await labelsAfter(generated, undefined, how)).toMatchObject({ [BASELINE]: 'default-deny' });
});

test.each(['kube-system', 'openshift-dns'])('labels of the system namespace %s are left alone', async (name) => {
  const object = namespace({ [STATUS]: 'pending' }, { name });
  expect(await ask(object, undefined, { request: { name } })).toEqual({ allowed: true });
  expect(await ask(namespace({}, { name }), object, { request: { name } })).toEqual({ allowed: true });
});

test('an update that drops the labels keeps them, and is told how to opt out', async () => {
  const before = namespace({ [BASELINE]: 'default-deny', [STATUS]: 'pending', team: 'a' });
  const answer = await ask(namespace({ team: 'b' }), before);
  expect(answer.warnings).toEqual([KEPT_BASELINE, KEPT_STATUS]);
  for (const warning of answer.warnings ?? []) expect(warning.length).toBeLessThanOrEqual(120);
  expect(await labelsAfter(namespace({ team: 'b' }), before)).toEqual({
    [BASELINE]: 'default-deny',
    [STATUS]: 'pending',
    team: 'b',
  });
  expect(await labelsAfter(namespace(), namespace({ [BASELINE]: 'none' }))).toEqual({ [BASELINE]: 'none' });
});

test('an update that changes the labels, or has none to keep, is not patched', async () => {
  const before = namespace({ [BASELINE]: 'default-deny', [STATUS]: 'pending' });
  const changed = namespace({ [BASELINE]: 'none', [STATUS]: 'done' });
  expect(await ask(changed, before)).toEqual({ allowed: true });
  expect(await ask(namespace({ [STATUS]: 'pending' }), namespace())).toEqual({ allowed: true });
  expect(await ask(namespace({ team: 'a' }), namespace())).toEqual({ allowed: true });
});

test('what netpol-guard itself does is not patched', async () => {
  const request = { userInfo: { username: OURSELVES } };
  expect(await ask(namespace(), namespace({ [STATUS]: 'pending' }), { request })).toEqual({ allowed: true });
});

test('a namespace that goes is not patched, nor is a deletion', async () => {
  const before = namespace({ [BASELINE]: 'default-deny' });
  const going = namespace({ [BASELINE]: 'default-deny' }, { deletionTimestamp: '2026-01-01T00:00:00Z' });
  expect(await ask(namespace(), going)).toEqual({ allowed: true });
  expect(await ask(namespace(), { ...before, status: { phase: 'Terminating' } })).toEqual({ allowed: true });
  const request = { operation: 'DELETE', object: null };
  expect(await ask(namespace(), before, { request })).toEqual({ allowed: true });
});

test('a namespace that only claims to go gets its labels, and keeps them', async () => {
  const born = { [BASELINE]: 'default-deny', [STATUS]: 'pending' };
  const claim = namespace({}, { deletionTimestamp: '2026-01-01T00:00:00Z' });
  expect(await labelsAfter(claim)).toEqual(born);
  expect(await labelsAfter({ ...namespace({}), status: { phase: 'Terminating' } })).toEqual(born);
  expect(await labelsAfter({ ...namespace({}), status: { phase: 'Terminating' } }, namespace(born))).toEqual(born);
});

test('a dry run gets the same answer', async () => {
  const object = namespace({ team: 'a' });
  expect(await ask(object, undefined, { request: { dryRun: true } })).toEqual(await ask(object));
});

test('a fault of ours admits the namespace as it is, and is counted and logged', async () => {
  const { events, observer } = recorder();
  const lines: string[] = [];
  const log = { ...silent, error: (_: object, message: string) => lines.push(message) };
  const judging = judgingWith(withBaseline, {
    observer,
    gatherSnapshot: () => {
      throw new Error('a bug');
    },
  });
  const handler = createMutationHandler(judging, log);
  expect(await answerOf(handler, namespaceReview(namespace()))).toEqual({ allowed: true });
  expect(events).toEqual(['internal error labels']);
  expect(lines).toEqual(['internal error: namespace admitted without a patch']);
});

test('what is no Namespace is refused', async () => {
  await expect(ask({ apiVersion: 'v1', kind: 'Pod' })).rejects.toThrow(
    'request.object: is "Pod" of "v1", expected Namespace of v1',
  );
  expect(await ask({ metadata: { labels: { [BASELINE]: 1 } } })).toMatchObject({
    allowed: false,
    status: { code: 422 },
  });
});

const values = fc.constantFrom('default-deny', 'default-deny-ingress', 'none', 'pending', 'x', '');
const labelsOf = fc.option(
  fc.dictionary(fc.constantFrom(BASELINE, STATUS, 'netpol-guard.io/enforce', 'a~b/c', '__proto__'), values),
);
const metadataOf = fc.oneof(
  labelsOf.map((labels) => ({ name: 'shop', labels })),
  fc.constantFrom({ name: 'shop' }, null, undefined),
);
const clusters = fc.record({
  template: fc.constantFrom(undefined, ...BUILT_IN_TEMPLATES.values()),
  excludedNamespaces: fc.constantFrom([], ['sh*']),
  enabled: fc.boolean(),
});

test('to apply the answer and ask again gives no patch', async () => {
  await fc.assert(
    fc.asyncProperty(metadataOf, fc.option(metadataOf, { nil: null }), clusters, async (metadata, old, cluster) => {
      const { enabled, ...baseline } = cluster;
      const how = withSettings({ gate: { enabled, maxHoldMs: 60_000 } }, baseline);
      const before = old === null ? undefined : { kind: 'Namespace', metadata: old };
      const patched: unknown = applyPatch({ metadata }, patchOf(await ask({ metadata }, before, how)));
      expect(await ask(patched as object, before, how)).toEqual({ allowed: true });
    }),
  );
});
