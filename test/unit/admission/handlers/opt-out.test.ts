import { expect, test } from 'vitest';
import { createOptOutHandler } from '../../../../src/admission/handlers/opt-out.ts';
import type { Settings } from '../../../../src/policy/model/settings.ts';
import { UID } from '../../../harness/admission-review.ts';
import { LOWERINGS_OF_BASELINE, LOWERINGS_OF_ENFORCE, type Lowering } from '../../../harness/lowerings.ts';
import {
  answerOf,
  BASELINE,
  ENFORCE,
  type Labels,
  namespace,
  namespaceReview,
  OURSELVES,
  STATUS,
  withBaseline,
} from '../namespace-review.ts';
import { clock, post, serverOf } from '../setup.ts';

type Fields = Readonly<Record<string, unknown>>;

async function ask(object: object, oldObject?: object, now = withBaseline, request: Fields = {}) {
  return answerOf(createOptOutHandler({ settings: () => now, clock }), namespaceReview(object, oldObject, request));
}

/** The fields that a change of labels lowers; `before` is undefined for a new namespace. */
async function lowered(before: Labels | undefined, after: Labels, now?: Settings): Promise<readonly string[]> {
  const { status } = await ask(namespace(after), before && namespace(before), now);
  return (status?.details?.causes ?? []).map(({ field }) => field.slice('metadata.labels['.length, -1));
}

function withModes(enforce: Settings['modes']['enforce']): Settings {
  return { ...withBaseline, modes: { ...withBaseline.modes, enforce } };
}

function withTemplates(baseline: Partial<Settings['baseline']>): Settings {
  return { ...withBaseline, baseline: { ...withBaseline.baseline, ...baseline } };
}

test('who lowers all there is to lower is told what, from what to what, and whom to ask', async () => {
  const handler = createOptOutHandler({ settings: () => withBaseline, clock });
  const server = serverOf(undefined, { routes: new Map([['/opt-out', new Map([['v1/namespaces', handler]])]]) });
  const before = namespace({ [ENFORCE]: 'strict', [BASELINE]: 'default-deny', [STATUS]: 'pending' });
  const after = namespace({ [ENFORCE]: 'off', [BASELINE]: 'none' });
  const response = await post(server, namespaceReview(after, before), '/opt-out?timeout=5s');
  expect(response.json()).toEqual({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: {
      uid: UID,
      allowed: false,
      status: {
        status: 'Failure',
        code: 403,
        reason: 'Forbidden',
        message:
          '\nmetadata.labels[netpol-guard.io/enforce]: lowering it from strict to off needs the permission exempt (namespaces.netpol-guard.io "shop"); ask a cluster admin' +
          '\nmetadata.labels[netpol-guard.io/baseline]: changing it from "default-deny" to "none" needs the permission exempt (namespaces.netpol-guard.io "shop"); ask a cluster admin' +
          '\nmetadata.labels[netpol-guard.io/baseline-status]: only netpol-guard changes it; changing it from "pending" to nothing needs the permission exempt (namespaces.netpol-guard.io "shop"); ask a cluster admin',
        details: {
          causes: [
            {
              reason: 'FieldValueForbidden',
              message: 'lowering it from strict to off',
              field: 'metadata.labels[netpol-guard.io/enforce]',
            },
            {
              reason: 'FieldValueForbidden',
              message: 'changing it from "default-deny" to "none"',
              field: 'metadata.labels[netpol-guard.io/baseline]',
            },
            {
              reason: 'FieldValueForbidden',
              message: 'only netpol-guard changes it; changing it from "pending" to nothing',
              field: 'metadata.labels[netpol-guard.io/baseline-status]',
            },
          ],
        },
      },
    },
  });
});

test.each(LOWERINGS_OF_ENFORCE)('enforce from %s to %s is a lowering: %s', async (from, to, isLowering) => {
  const labels = (value: string | undefined): Labels => (value === undefined ? {} : { [ENFORCE]: value });
  expect(await lowered(labels(from), labels(to))).toEqual(isLowering ? [ENFORCE] : []);
});

test('a new namespace is measured by the default of enforce', async () => {
  expect(await lowered(undefined, { [ENFORCE]: 'off' })).toEqual([ENFORCE]);
  expect(await lowered(undefined, { [ENFORCE]: 'standard' })).toEqual([]);
  expect(await lowered(undefined, { [ENFORCE]: 'standard' }, withModes('strict'))).toEqual([ENFORCE]);
  expect(await lowered(undefined, { [ENFORCE]: 'off' }, withModes('off'))).toEqual([]);
});

test.each<Lowering>([...LOWERINGS_OF_BASELINE, [undefined, 'none', false], [undefined, 'default-deny', false]])(
  'the template from %s to %s is a lowering: %s',
  async (from, to, isLowering) => {
    const labels = (value: string | undefined): Labels => (value === undefined ? {} : { [BASELINE]: value });
    expect(await lowered(labels(from), labels(to))).toEqual(isLowering ? [BASELINE] : []);
  },
);

test('a new namespace is measured by the default template', async () => {
  expect(await lowered(undefined, { [BASELINE]: 'none' })).toEqual([BASELINE]);
  expect(await lowered(undefined, { [BASELINE]: '' })).toEqual([BASELINE]);
  expect(await lowered(undefined, { [BASELINE]: 'default-deny-ingress' })).toEqual([BASELINE]);
  expect(await lowered(undefined, { [BASELINE]: 'default-deny' })).toEqual([]);
  expect(await lowered(undefined, { [BASELINE]: 'none' }, withTemplates({ template: undefined }))).toEqual([]);
});

test('where old namespaces are adopted, one without the label has the default template', async () => {
  const adopting = withTemplates({ existingNamespaces: 'adopt' });
  expect(await lowered({}, { [BASELINE]: 'none' }, adopting)).toEqual([BASELINE]);
  expect(await lowered({}, { [BASELINE]: 'default-deny' }, adopting)).toEqual([]);
  expect(await lowered({ [BASELINE]: 'default-deny' }, {}, adopting)).toEqual([]);
});

test('a namespace that never has a baseline loses none', async () => {
  const system = { ...withBaseline, systemNamespaces: ['sh*'] };
  expect(await lowered({ [BASELINE]: 'default-deny' }, {}, system)).toEqual([]);
  expect(await lowered({ [ENFORCE]: 'strict' }, { [ENFORCE]: 'off' }, system)).toEqual([ENFORCE]);
});

test('the status is for netpol-guard alone, but what the mutation sets on a new namespace is fine', async () => {
  expect(await lowered({ [STATUS]: 'pending' }, {})).toEqual([STATUS]);
  expect(await lowered({}, { [STATUS]: 'pending' })).toEqual([STATUS]);
  expect(await lowered({ [STATUS]: 'pending' }, { [STATUS]: 'done' })).toEqual([STATUS]);
  expect(await lowered(undefined, { [STATUS]: 'done' })).toEqual([STATUS]);
  expect(await lowered(undefined, { [STATUS]: 'pending' })).toEqual([]);
  const change = [namespace({}), namespace({ [STATUS]: 'pending' })] as const;
  expect(await ask(...change, withBaseline, { userInfo: { username: OURSELVES } })).toEqual({ allowed: true });
});

test('a namespace that goes is left alone, whoever asks', async () => {
  const before = namespace({ [BASELINE]: 'default-deny' });
  const going = namespace({ [BASELINE]: 'default-deny' }, { deletionTimestamp: '2026-01-01T00:00:00Z' });
  expect(await ask(namespace({}), going)).toEqual({ allowed: true });
  expect(await ask(namespace({}), { ...before, status: { phase: 'Terminating' } })).toEqual({ allowed: true });
});

test('what a label says is told as plain text', async () => {
  const { status } = await ask(namespace({}), namespace({ [STATUS]: `a\n\u202e${'x'.repeat(500)}` }));
  expect(status?.message).toContain('changing it from "a xxx');
  expect(status?.message.length).toBeLessThan(300);
});

test('labels that cannot be read are refused as Invalid, and what is no Namespace as no review of one', async () => {
  expect(await ask({ metadata: { labels: [] } })).toMatchObject({ allowed: false, status: { code: 422 } });
  await expect(ask({ apiVersion: 'v1', kind: 'Pod' })).rejects.toThrow('request.object: is "Pod"');
  const deletion = { operation: 'DELETE', object: null };
  await expect(ask(namespace(), namespace(), withBaseline, deletion)).rejects.toThrow('is not judged');
});
