import { namedPortFix } from '../dns/named-port-fix.ts';
import { openingIssues } from '../openings/issues.ts';
import { unreportedNames } from '../openings/named-ports.ts';
import { defineRule } from '../situation/rule.ts';

export const namedPortToAnywhere = defineRule({
  id: 'named-port-to-anywhere',
  since: 'v0.1',
  title: 'A named port open to anywhere',
  level: 'standard',
  security: 7,
  turn: 'first',
  docs: {
    why: `Only pods have names for their ports, so by the standard a named port reaches only pods. Some network plugins differ.
kube-router, which K3s uses, looks up the name among the pods of the policy's own namespace and opens the number that it
finds to every address. Cilium before 1.20 looks up the name among all pods of the cluster and opens the number to all
destinations of the rule, including address blocks. So any pod that gives the name to UDP 53, be it an attacker's pod or
cluster DNS itself, turns the rule into port 53 to anywhere
([shown in packets](../packets.md#the-rules)).

Keep the name and add its pods: \`to: [{namespaceSelector: {}}]\` selects every pod of the cluster, which is what the name
meant, and opens nothing that was closed. Writing the number instead opens the Internet where the name did not, so a person
has to decide that.

The rule counts all names together, over all rules and policies that can select one common pod, since whoever creates the
pod decides which number a name means. What is open by the number of a DNS port counts with them. The rule looks at UDP and
TCP. It ignores SCTP, which no resolver uses.`,
    bad: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: lookups
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
    - ports:
        - {protocol: UDP, port: web}
`,
    good: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: lookups
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
    - to:
        - namespaceSelector: {}
      ports:
        - {protocol: UDP, port: web}
`,
    references: [
      'https://github.com/cilium/cilium/pull/44429',
      'https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports',
    ],
  },
  check(situation) {
    return openingIssues(situation, unreportedNames(situation), (rule, policy, reach) =>
      namedPortFix(rule, policy, reach, situation.vocabulary),
    );
  },
});
