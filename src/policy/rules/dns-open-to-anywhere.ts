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

Lookups need only cluster DNS. Restrict the rule to it.

"Anywhere" depends on sets of addresses, not on spelling: it means at least 1/256 of the globally routable addresses of IPv4
or of IPv6 (\`dns.anywhereThreshold\`), over all rules and policies that can select one common pod. These are all the same
opening: \`0.0.0.0/1\` with \`128.0.0.0/1\`; \`::/0\`; a block whose \`except\` leaves most of the Internet; a port range
that includes 53; and IPv4 within IPv6 (mapped, 6to4, Teredo, and NAT64 with its well-known or its local prefix). Of IPv6,
only the space that IANA has given to the regional registries counts, so the whole space of one registry is anywhere.
[dns-open-to-outside-resolver](dns-open-to-outside-resolver.md) reports smaller public ranges.

Cluster DNS still forwards queries for any name. A NetworkPolicy cannot limit that; the configuration of the DNS servers can,
and so can a policy that knows names, such as Cilium's \`rules.dns\`.`,
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
    const isConfigured = situation.settings.dns.servers.length > 0;
    return openingIssues(situation, reportedOpenings(situation).dns, (rule, policy, reach) => {
      const meant = { reach, world: reach.world, isConfigured };
      return precededBy(policy.chart?.forDns, closedFix(rule, policy, meant, situation.vocabulary));
    });
  },
});
