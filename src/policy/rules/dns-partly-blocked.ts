import { dnsIssues } from '../gaps/issues.ts';
import { defineRule } from '../situation/rule.ts';

export const dnsPartlyBlocked = defineRule({
  id: 'dns-partly-blocked',
  since: 'v0.1',
  title: 'Some pods cut off from DNS',
  level: 'strict',
  worthWaiting: true,
  undecided: 'warn',
  docs: {
    why: `The policies of the namespace isolate more pods than they allow to reach DNS. That can be intended: deny all, then allow DNS
for specific workloads. It can also be a label that one Deployment lacks. The message names the labels of a pod that would
have no DNS; only you know whether such a pod exists.

The rule compares sets of pods. It considers all selectors of all policies that allow DNS, and every set of labels that a pod
could have.`,
    bad: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: allow-dns
  namespace: shop
spec:
  podSelector: {matchLabels: {role: frontend}}
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
    return dnsIssues(situation, 'partly-blocked');
  },
});
