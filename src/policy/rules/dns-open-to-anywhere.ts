import { closedFix } from '../dns/split-rule.ts';
import { precededBy } from '../model/fix.ts';
import { openingIssues } from '../openings/issues.ts';
import { reportedOpenings } from '../openings/reported.ts';
import { defineRule } from '../situation/rule.ts';

export const dnsOpenToAnywhere = defineRule({
  id: 'dns-open-to-anywhere',
  since: 'v0.1',
  title: 'Port 53 open to anywhere',
  level: 'standard',
  security: 7.5,
  turn: 'first',
  docs: {
    why: `A rule that opens port 53 and names no destination, or one as wide as the Internet, lets a pod ask any resolver. DNS
carries data both ways: a compromised pod encodes what it steals into names under a domain of the attacker's, and the
attacker's resolver answers with commands. No firewall on port 443 sees any of it.

Lookups need cluster DNS alone. Pin the rule to it.

"Anywhere" is decided on sets of addresses, not on spelling: at least 1/256 of the globally routable addresses of IPv4
or of IPv6 (\`dns.anywhereThreshold\`), over all rules and policies that can select one common pod. \`0.0.0.0/1\` with
\`128.0.0.0/1\`, \`::/0\`, a block with an \`except\` that leaves most of the Internet, and a port range that passes 53 are
all the same opening. So is IPv4 within IPv6: mapped, 6to4, Teredo, and NAT64 by its well-known or its local prefix. What
counts of IPv6 is what the regional registries have of IANA, so all of one of them is anywhere. Smaller public ranges are
reported by [dns-open-to-outside-resolver](dns-open-to-outside-resolver.md).

A permitted cluster DNS still forwards queries for any name. That is for the DNS servers' own configuration (or a policy
that knows names, such as Cilium's \`rules.dns\`) to limit; a NetworkPolicy cannot.`,
    bad: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: allow-dns
  namespace: shop
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress:
    - ports:
        - {protocol: UDP, port: 53}
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
      'https://attack.mitre.org/techniques/T1071/004/',
      'https://kubernetes.io/docs/concepts/services-networking/network-policies/',
      'https://www.iana.org/assignments/iana-ipv4-special-registry/',
      'https://www.iana.org/assignments/ipv6-unicast-address-assignments/',
      'https://www.rfc-editor.org/rfc/rfc8215',
    ],
  },
  check(situation) {
    return openingIssues(situation, reportedOpenings(situation).dns, (rule, policy, reach) =>
      precededBy(policy.chart?.forDns, closedFix(rule, policy, reach, situation.vocabulary)),
    );
  },
});
