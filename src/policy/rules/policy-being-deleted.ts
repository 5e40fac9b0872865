import { describePolicy } from '../model/describe.ts';
import { advice } from '../model/fix.ts';
import { keepsSpec } from '../situation/narrowing.ts';
import { defineRule } from '../situation/rule.ts';

const POLICY = (deleted: string) => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: from-gateway
  namespace: shop
${deleted}spec:
  podSelector: {}
  policyTypes: [Ingress]
  ingress:
    - from:
        - podSelector: {matchLabels: {app: gateway}}
`;

export const policyBeingDeleted = defineRule({
  id: 'policy-being-deleted',
  since: 'v0.1',
  title: 'A policy that is being deleted and still in force',
  level: 'standard',
  security: 5,
  judgesUnread: true,
  docs: {
    why: `A deleted policy with a finalizer stays until someone removes the finalizer. Network plugins ignore the
\`deletionTimestamp\`: they keep enforcing the policy, including any change to it. The rule therefore refuses changes to its
spec. Its finalizers, labels and annotations can still change.

In other verdicts, what such a policy opens counts. It excuses nothing, and it is no carve-out for DNS. \`scan\` warns about
such a policy as long as it exists.`,
    bad: POLICY("  deletionTimestamp: '2026-11-30T00:00:00Z'\n  finalizers: [example.com/keep]\n"),
    good: POLICY(''),
    references: ['https://kubernetes.io/docs/concepts/overview/working-with-objects/finalizers/'],
  },
  check({ change }) {
    const { operation, before, after, unread } = change;
    if (operation === 'AUDIT' && after?.deleting === true) {
      const short = `${describePolicy(after)} is being deleted, and network plugins enforce it until its finalizers are gone`;
      const headline = 'is being deleted and still in force';
      const why = 'Network plugins enforce it until its finalizers are gone.';
      const fix = advice('Have whoever set the finalizers remove them');
      return [{ path: 'metadata.deletionTimestamp', headline, why, short, fix, blamed: true, tolerated: true }];
    }
    if (before?.deleting !== true || operation !== 'UPDATE') return [];
    if (unread === undefined && keepsSpec(change)) return [];
    const headline = 'is being deleted, and its spec changes';
    const why = 'Network plugins go on enforcing it until its finalizers are gone, and whatever it is changed to.';
    const short = `${describePolicy(before)} is being deleted and still in force, so its spec must stay as it is`;
    const fix = advice('Leave the spec as it is, and write another policy under another name');
    return [{ path: 'spec', headline, why, short, fix, blamed: true }];
  },
});
