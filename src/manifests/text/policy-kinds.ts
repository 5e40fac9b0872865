import { field } from '../../objects/fields.ts';
import { DIALECTS, type Dialects } from '../../policy/dialects/dialects.ts';
import { otherPolicyApi } from '../../policy/dialects/other-policy-apis.ts';
import type { Opened } from './open-lists.ts';
import { isMisspeltKind, isPolicySpec } from './policy-shapes.ts';

/** concernsNetworks holds for the kinds that the linter checks: policies of any API, and Namespaces. */
export function concernsNetworks(apiVersion: string, kind: string, dialects: Dialects = DIALECTS): boolean {
  return isJudgedKind(apiVersion, kind, dialects) || otherPolicyApi(apiVersion, kind) !== undefined;
}

/** isJudgedKind excludes policies of APIs that are not read: only their existence counts. */
export function isJudgedKind(apiVersion: string, kind: string, dialects: Dialects = DIALECTS): boolean {
  if (dialects.kindOf(apiVersion, kind) !== undefined) return true;
  if (kind === 'Namespace' && apiVersion === 'v1') return true;
  if (kind === '') return apiVersion.startsWith('networking.k8s.io/');
  return kind.toLowerCase() === 'networkpolicy' && otherPolicyApi(apiVersion, kind) === undefined;
}

/** isOurs holds for objects of these kinds, and for those that were meant to be policies. */
export function isOurs(object: Opened, dialects?: Dialects): boolean {
  return concernsNetworks(object.apiVersion, object.kind, dialects) || isMeantAsPolicy(object);
}

/** isJudged holds for those of them that are read. */
export function isJudged(object: Opened, dialects?: Dialects): boolean {
  return isJudgedKind(object.apiVersion, object.kind, dialects) || isMeantAsPolicy(object);
}

function isMeantAsPolicy({ apiVersion, kind, value }: Opened): boolean {
  if (isMisspeltKind(apiVersion, kind)) return true;
  return kind === '' && (isPolicySpec(value) || isPolicySpec(field(value, 'spec')));
}
