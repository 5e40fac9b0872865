import { serverIssues } from '../gaps/server-issues.ts';
import { defineRule } from '../situation/rule.ts';

export const dnsServersIsolated = defineRule({
  id: 'dns-servers-isolated',
  since: 'v0.1',
  title: 'The DNS servers themselves cut off',
  level: 'standard',
  turn: 'first',
  inSystemNamespaces: true,
  docs: {
    why: `A connection needs both the client's egress and the server's ingress. A default-deny in the namespace of cluster DNS, or a
policy that admits only some namespaces, breaks lookups for all other clients at once. And a DNS server that may send
nothing to port 53 cannot resolve names outside the cluster.

This is the only rule that also applies in system namespaces.`,
    bad: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: default-deny
  namespace: kube-system
spec:
  podSelector: {}
  policyTypes: [Ingress]
`,
    good: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: allow-dns
  namespace: kube-system
spec:
  podSelector: {matchLabels: {k8s-app: kube-dns}}
  policyTypes: [Ingress]
  ingress:
    - ports:
        - {protocol: UDP, port: 53}
        - {protocol: TCP, port: 53}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: default-deny
  namespace: kube-system
spec:
  podSelector: {}
  policyTypes: [Ingress]
`,
    references: [
      'https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation',
    ],
  },
  check(situation) {
    return serverIssues(situation);
  },
});
