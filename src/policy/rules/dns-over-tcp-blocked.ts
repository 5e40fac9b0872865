import { dnsIssues } from '../gaps/issues.ts';
import { defineRule } from '../situation/rule.ts';

export const dnsOverTcpBlocked = defineRule({
  id: 'dns-over-tcp-blocked',
  since: 'v0.1',
  title: 'Pods cut off from DNS over TCP',
  level: 'strict',
  worthWaiting: true,
  undecided: 'warn',
  docs: {
    why: `An answer that does not fit into a UDP packet arrives truncated, and the resolver asks again over TCP. For pods that reach
cluster DNS only over UDP, those lookups fail: a Service with many endpoints, a name with many records, DNSSEC. The policy
works in tests and fails when the answer grows.

Half of the recipes in circulation have this mistake.`,
    bad: `apiVersion: networking.k8s.io/v1
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
`,
    references: [
      'https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-deny-all-egress-traffic',
      'https://kubernetes.io/docs/tasks/administer-cluster/dns-debugging-resolution/',
    ],
  },
  check(situation) {
    return dnsIssues(situation, 'tcp-blocked');
  },
});
