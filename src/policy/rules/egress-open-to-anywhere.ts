import { dnsRules } from '../dns/allow-dns.ts';
import { openingIssues } from '../openings/issues.ts';
import { reportedOpenings } from '../openings/reported.ts';
import { defineRule } from '../situation/rule.ts';

export const egressOpenToAnywhere = defineRule({
  id: 'egress-open-to-anywhere',
  since: 'v0.1',
  title: 'Every port open to anywhere',
  level: 'standard',
  turn: 'first',
  docs: {
    why: `A rule without \`to\` and \`ports\`, or one that lists a protocol without a port, lets a pod open any connection of that
protocol to any address, port 53 among them. A compromised pod then moves data out through a resolver of the
attacker's, or over any other protocol. The policy isolates nothing.

It makes no difference how the opening is spelled: \`egress: [{}]\`, a range from 1 to 65535, two blocks that add up to the
Internet, or two policies that select a common pod.`,
    bad: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: web
  namespace: shop
spec:
  podSelector: {matchLabels: {app: web}}
  policyTypes: [Egress]
  egress:
    - {}
`,
    good: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: web
  namespace: shop
spec:
  podSelector: {matchLabels: {app: web}}
  policyTypes: [Egress]
  egress:
    - to:
        - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}
          podSelector: {matchLabels: {k8s-app: kube-dns}}
      ports:
        - {protocol: UDP, port: 53}
        - {protocol: TCP, port: 53}
    - to:
        - podSelector: {matchLabels: {app: database}}
      ports:
        - {protocol: TCP, port: 5432}
    - ports:
        - {protocol: TCP, port: 443}
`,
    references: [
      'https://kubernetes.io/docs/concepts/services-networking/network-policies/#allow-all-egress-traffic',
      'https://attack.mitre.org/techniques/T1048/',
    ],
  },
  check(situation) {
    return openingIssues(situation, reportedOpenings(situation).everyPort, (_rule, world) => ({
      description: 'name the destinations and ports that the pods need, and allow DNS by name',
      yaml: ['egress:', ...dnsRules(world)].join('\n'),
    }));
  },
});
