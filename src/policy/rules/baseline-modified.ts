import { BASELINE_LABEL, MANAGED_LABEL_TEXT, MANAGED_PREFIX, NO_TEMPLATE } from '../model/labels.ts';
import { managedIssues } from '../repairs/managed-issues.ts';
import { defineRule } from '../situation/rule.ts';

export const baselineModified = defineRule({
  id: 'baseline-modified',
  title: 'A policy of the baseline changed by someone else',
  level: 'standard',
  security: 5,
  isPutRight: true,
  docs: {
    why: `netpol-guard keeps the policies of a namespace's template as they are: what someone else changes is put back within a
second. So that nobody is left wondering, the change is refused. Managed are the policies whose names begin with
\`${MANAGED_PREFIX}\`, which is a reserved prefix, and those labelled \`${MANAGED_LABEL_TEXT}\`, before or after the change.

These pass: a write whose spec is what the template asks for under that name (restores, GitOps); a change of nothing but
annotations or labels of your own; a stray label that comes off a policy of your own; whatever netpol-guard itself, an exempt user, the namespace controller or the garbage
collector does; and the deletion of what the template does not ask for, or not any more, such as in a namespace that
has opted out: netpol-guard would delete it too. An owner (\`metadata.ownerReferences\`) never passes: the garbage collector deletes
what has one that is not there. Nor does a finalizer (\`metadata.finalizers\`): it would keep the policy when netpol-guard deletes it. Nor does the loss of netpol-guard's entry in \`metadata.managedFields\`, by which it knows what it applied.

Policies are additive. To allow more, add a policy of your own beside the baseline. To have another baseline, name another
template in the namespace's label \`${BASELINE_LABEL}\`; \`${NO_TEMPLATE}\` opts out.

Files do not say which DNS servers the cluster has, nor which template a namespace has whose label is not among them. The
linter is content with what any template could ask for, and else not certain.`,
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
