import { dnsIssues } from '../gaps/issues.ts';
import { defineRule } from '../situation/rule.ts';

export const dnsBlocked = defineRule({
  id: 'dns-blocked',
  since: 'v0.1',
  title: 'Pods cut off from DNS',
  level: 'standard',
  worthWaiting: true,
  undecided: 'warn',
  docs: {
    why: `A policy with \`Egress\` among its \`policyTypes\` isolates the pods it selects: traffic that no policy allows is dropped,
including lookups. No error mentions the policy. The application waits for its resolver and reports a timeout, a failed
connection or an unknown host.

The rule looks at all policies of the namespace as they would be after the change. It fires if no policy lets any of the
isolated pods reach cluster DNS. Apply the policy that allows DNS first, then the one that denies. The location of cluster
DNS comes from the cluster or the configuration. Offline it is kube-dns, or that of OpenShift if a policy or a Namespace
among the files names it.

A pod that may not connect anywhere needs no DNS. A policy that selects some pods by label and leaves them no egress at all
therefore only causes a warning (\`dnsBlocked.noEgressAtAll\`).`,
    bad: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: default-deny
  namespace: shop
spec:
  podSelector: {}
  policyTypes: [Ingress, Egress]
`,
    good: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: allow-dns
  namespace: shop
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress:
    - to:
        - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}
          podSelector: {matchLabels: {k8s-app: kube-dns}}
      ports:
        - {protocol: UDP, port: 53}
        - {protocol: TCP, port: 53}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: default-deny
  namespace: shop
spec:
  podSelector: {}
  policyTypes: [Ingress, Egress]
`,
    references: [
      'https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-deny-all-egress-traffic',
      'https://kubernetes.io/docs/tasks/administer-cluster/dns-debugging-resolution/',
    ],
  },
  check(situation) {
    return dnsIssues(situation, 'blocked');
  },
});
