import { namedPortFix } from '../dns/named-port-fix.ts';
import { openingIssues } from '../openings/issues.ts';
import { unreportedNames } from '../openings/named-ports.ts';
import { defineRule } from '../situation/rule.ts';

export const namedPortToAnywhere = defineRule({
  id: 'named-port-to-anywhere',
  title: 'A port by name open to anywhere',
  level: 'standard',
  security: 7,
  turn: 'first',
  docs: {
    why: `Only pods have names for their ports, so by the standard a port by name reaches pods and nothing else. Network plugins
do otherwise. kube-router, and K3s with it, looks the name up among the pods of the policy's own namespace and opens the
number it finds to every address. Cilium before 1.20 looks it up among all pods of the cluster and opens the number to
whatever the rule's destinations are, address blocks too. So any pod that gives the name to UDP 53, one of an attacker's
making or cluster DNS itself, turns the rule into port 53 to anywhere
([shown in packets](../packets.md#the-rules)).

Keep the name and say whose it is: \`to: [{namespaceSelector: {}}]\` is every pod of the cluster, which is what the name
meant, and opens nothing that was closed. To write the number instead opens the Internet where the name did not, so that is
for a person to decide.

All names count together, over all rules and policies that can select one common pod, since which number a name stands for
is up to whoever makes the pod; what is open by the number of a DNS port counts with them. UDP and TCP are looked at. SCTP
is not, under any name or number: no resolver is asked over it.`,
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
