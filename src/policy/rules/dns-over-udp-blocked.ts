import { dnsIssues } from '../gaps/issues.ts';
import { defineRule } from '../situation/rule.ts';

export const dnsOverUdpBlocked = defineRule({
  id: 'dns-over-udp-blocked',
  since: 'v0.1',
  title: 'Pods cut off from DNS over UDP',
  level: 'standard',
  worthWaiting: true,
  undecided: 'warn',
  docs: {
    why: `Resolvers ask over UDP first, and most use TCP only after a truncated answer. For pods that reach cluster DNS only over TCP,
nearly every lookup fails.

The usual cause is a port without \`protocol\`, which defaults to TCP.`,
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
        - {protocol: TCP, port: 53}
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
    return dnsIssues(situation, 'udp-blocked');
  },
});
