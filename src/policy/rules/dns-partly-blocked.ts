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
    why: `The policies of the namespace isolate more pods than they let reach DNS. That can be meant: deny all, and allow DNS to named
workloads. It can also be a label that one Deployment lacks. The message names the labels of a pod that would stay without
DNS; whether such a pod exists, you know.

Coverage is decided on sets of pods: all selectors of all policies that allow DNS, over every label set that a pod could
carry.`,
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
