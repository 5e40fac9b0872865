import { addDnsBeside, splitDns } from '../dns/dns-fix.ts';
import type { DnsReach } from '../dns/reach.ts';
import type { DnsVocabulary } from '../dns/vocabulary.ts';
import type { Fix } from '../model/fix.ts';
import type { AllowRule, Policy } from '../model/policy.ts';
import { openingIssues } from '../openings/issues.ts';
import { reportedOpenings } from '../openings/reported.ts';
import { defineRule } from '../situation/rule.ts';

export const egressOpenToAnywhere = defineRule({
  id: 'egress-open-to-anywhere',
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
    return openingIssues(situation, reportedOpenings(situation).everyPort, (rule, policy, reach) =>
      fixFor(rule, policy, reach, situation.vocabulary),
    );
  },
});

/** Who lists ports means most of them; who lists none has yet to say which. */
function fixFor(rule: AllowRule, policy: Policy, reach: DnsReach, vocabulary: DnsVocabulary): Fix {
  if (rule.entries.length > 0) return splitDns(rule, policy, reach, vocabulary);
  const text = `Name what the pods need in ${rule.path}; 443 to anywhere is allowed`;
  const ports = [{ port: 443, protocol: 'TCP' }];
  return {
    steps: [
      { text, edits: [{ kind: 'set', path: `${rule.path}.ports`, value: ports }] },
      ...addDnsBeside(rule, policy, reach),
    ],
  };
}
