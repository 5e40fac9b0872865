import { policyPath } from '../../harness/policies.ts';
import { type Operation, refusedBy } from '../../helm/admissions/operations.ts';

const DRY = '?dryRun=All';
const MERGE = 'application/merge-patch+json';

/** LOWERED is what nobody may do who lacks the verb `exempt`. */
export const LOWERED = 'label that is lowered, by dry run';

/** tenantOperations are what a tenant may not do in a namespace that has the baseline, whichever version is asked. */
export function tenantOperations(namespace: string): readonly Operation[] {
  return [
    {
      name: LOWERED,
      ask: (api) => {
        const change = { metadata: { labels: { 'netpol-guard.io/enforce': 'off' } } };
        return api.request('PATCH', `/api/v1/namespaces/${namespace}${DRY}`, change, MERGE);
      },
      read: refusedBy('opt-out'),
    },
    {
      name: 'policy of the baseline, opened by dry run',
      ask: (api) => {
        const change = { spec: { egress: [{}] } };
        return api.request('PATCH', policyPath(namespace, `/netpol-guard-default-deny${DRY}`), change, MERGE);
      },
      read: refusedBy('policies'),
    },
  ];
}
