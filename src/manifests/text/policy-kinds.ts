import { field } from '../../objects/fields.ts';
import { DIALECTS, type Dialects } from '../../policy/dialects/dialects.ts';
import { otherPolicyApi } from '../../policy/dialects/other-policy-apis.ts';
import type { Opened } from './open-lists.ts';
import { isMisspeltKind, isPolicySpec } from './policy-shapes.ts';

/** concernsNetworks tells the kinds that the linter looks at: policies of any API, and Namespaces. */
export function concernsNetworks(apiVersion: string, kind: string, dialects: Dialects = DIALECTS): boolean {
  if (kind.toLowerCase() === 'networkpolicy' || (kind === 'Namespace' && apiVersion === 'v1')) return true;
  if (kind === '') return apiVersion.startsWith('networking.k8s.io/');
  return dialects.kindOf(apiVersion, kind) !== undefined || otherPolicyApi(apiVersion, kind) !== undefined;
}

/** isOurs holds for objects of these kinds, and for those that were meant to be policies. */
export function isOurs({ apiVersion, kind, value }: Opened, dialects?: Dialects): boolean {
  if (concernsNetworks(apiVersion, kind, dialects) || isMisspeltKind(apiVersion, kind)) return true;
  return kind === '' && (isPolicySpec(value) || isPolicySpec(field(value, 'spec')));
}
