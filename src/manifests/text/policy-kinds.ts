import { DIALECTS, type Dialects } from '../../policy/dialects/dialects.ts';
import { otherPolicyApi } from '../../policy/dialects/other-policy-apis.ts';

/** concernsNetworks tells the objects that the linter looks at: policies of any API, and Namespaces. */
export function concernsNetworks(apiVersion: string, kind: string, dialects: Dialects = DIALECTS): boolean {
  if (kind.toLowerCase() === 'networkpolicy' || (kind === 'Namespace' && apiVersion === 'v1')) return true;
  if (kind === '') return apiVersion === 'networking.k8s.io/v1';
  return dialects.kindOf(apiVersion, kind) !== undefined || otherPolicyApi(apiVersion, kind) !== undefined;
}
