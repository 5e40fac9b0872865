import { BASELINE_LABEL, MANAGED_LABEL_TEXT, MANAGED_PREFIX, NO_TEMPLATE } from '../model/labels.ts';
import { managedIssues } from '../repairs/managed-issues.ts';
import { defineRule } from '../situation/rule.ts';

export const baselineModified = defineRule({
  id: 'baseline-modified',
  since: 'v0.1',
  title: 'A baseline policy changed by someone else',
  level: 'standard',
  security: 5,
  isPutRight: true,
  docs: {
    why: `To allow more traffic, add a policy of your own beside the baseline: policies add up. To get a different baseline, name
another template in the namespace's label \`${BASELINE_LABEL}\`; \`${NO_TEMPLATE}\` opts out.

netpol-guard maintains the policies of a namespace's template: it reverts a change by anyone else within a second. The
rule refuses such a change instead, so that no one has to wonder where it went. A policy is managed if, before or after
the change, its name begins with the reserved prefix \`${MANAGED_PREFIX}\` or it has the label
\`${MANAGED_LABEL_TEXT}\`.

These changes are allowed:

- a write whose spec is what the template asks for under that name (restores, GitOps);
- a change of only annotations or labels of your own;
- removing a stray label from a policy of your own;
- any change by netpol-guard itself, an exempt user, the namespace controller or the garbage collector;
- deleting a policy that the template does not ask for, or no longer asks for, such as in a namespace that has opted out:
  netpol-guard would delete it too.

These changes are always refused:

- adding an owner (\`metadata.ownerReferences\`): the garbage collector deletes an object whose owner does not exist;
- adding a finalizer (\`metadata.finalizers\`): it would keep the policy when netpol-guard deletes it;
- removing netpol-guard's entry from \`metadata.managedFields\`, which tells netpol-guard what it applied.

Files do not show which DNS servers the cluster has. Nor do they show the template of a namespace whose label is not
among them. The linter accepts what any template could ask for; otherwise its finding is not certain.`,
    bad: `apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels: {netpol-guard.io/baseline: default-deny}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: netpol-guard-default-deny
  namespace: shop
spec:
  podSelector: {}
  policyTypes: [Ingress, Egress]
  ingress:
    - from:
        - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: gateway}}
`,
    good: `apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels: {netpol-guard.io/baseline: default-deny}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: from-gateway
  namespace: shop
spec:
  podSelector: {}
  policyTypes: [Ingress]
  ingress:
    - from:
        - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: gateway}}
`,
    references: [
      'https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation',
      'https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/',
    ],
  },
  check(situation) {
    return managedIssues(situation);
  },
});
