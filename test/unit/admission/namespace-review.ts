import type { HandlerContext, ReviewHandler } from '../../../src/admission/review/handler.ts';
import { parseAdmissionReview } from '../../../src/admission/review/review.ts';
import type { Settings } from '../../../src/policy/model/settings.ts';
import { BUILT_IN_TEMPLATES } from '../../../src/policy/model/template.ts';
import { offlineSnapshot } from '../../../src/policy/offline-snapshot.ts';
import { type AdmissionReview, admissionReview } from '../../harness/admission-review.ts';
import { clock, judging, recorder, settings, told } from './setup.ts';

export type Labels = Readonly<Record<string, string>>;

export const BASELINE = 'netpol-guard.io/baseline';
export const ENFORCE = 'netpol-guard.io/enforce';
export const STATUS = 'netpol-guard.io/baseline-status';
export const OURSELVES = 'system:serviceaccount:netpol-guard:netpol-guard';

/** A Namespace with labels; without a member of that name where there are none. */
export function namespace(labels?: Labels | null, metadata: object = {}): object {
  const given = labels === undefined ? {} : { labels };
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', ...given, ...metadata } };
}

/** Settings with default-deny as the default template. */
export const withBaseline: Settings = {
  ...settings,
  baseline: { ...settings.baseline, template: BUILT_IN_TEMPLATES.get('default-deny') },
  systemNamespaces: ['kube-system', 'openshift-*'],
  ownUser: OURSELVES,
};

/** Judging of a cluster that is empty but for its DNS. */
export function judgingWith(now: Settings = withBaseline, more: Partial<HandlerContext> = {}): HandlerContext {
  const world = { namespaces: [], policies: [], otherPolicies: [] };
  const snapshot = offlineSnapshot(world, now);
  return { ...judging(), settings: () => now, gatherSnapshot: () => snapshot, observer: recorder().observer, ...more };
}

/** The review of a Namespace: of an UPDATE where there is an old object. */
export function namespaceReview(
  object: object,
  oldObject?: object,
  request: Readonly<Record<string, unknown>> = {},
): AdmissionReview {
  return admissionReview('namespaces', { object, oldObject: oldObject ?? null, ...request });
}

export async function answerOf(handler: ReviewHandler, review: object) {
  return told(handler)(parseAdmissionReview(review), clock.elapsed() + 4500);
}
