import { PortSet } from '../../sets/port-set.ts';
import { addDnsBeside } from '../dns/dns-fix.ts';
import { DNS_PROTOCOLS, type DnsReach } from '../dns/reach.ts';
import { splitRule } from '../dns/split-rule.ts';
import type { DnsVocabulary } from '../dns/vocabulary.ts';
import { type Edit, type Fix, fixOf, precededBy } from '../model/fix.ts';
import type { AllowRule, Policy } from '../model/policy.ts';
import { openingIssues } from '../openings/issues.ts';
import { reportedOpenings } from '../openings/reported.ts';
import { defineRule } from '../situation/rule.ts';

/** HTTPS: the most common need, and not a DNS port. */
const WEB_PORT = 443;

export const egressOpenToAnywhere = defineRule({
  id: 'egress-open-to-anywhere',
  since: 'v0.1',
  title: 'Every port open to anywhere',
  level: 'standard',
  security: 8,
  turn: 'first',
  docs: {
    why: `A rule without \`to\` and \`ports\`, or one that lists a protocol without a port, lets a pod open any connection of that
protocol to any address, including port 53. A compromised pod can then move data out through the attacker's resolver or over
any other protocol. The policy isolates nothing.

The spelling of the opening makes no difference: \`egress: [{}]\`, a range from 1 to 65535, two blocks that add up to the
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
      precededBy(policy.chart?.forAllEgress, fixFor(rule, policy, reach, situation.vocabulary)),
    );
  },
});

/** An author who lists ports means most of them. An author who lists none, or no DNS ports, has yet to choose. */
function fixFor(rule: AllowRule, policy: Policy, reach: DnsReach, vocabulary: DnsVocabulary): Fix {
  const { path, peers, ports, entries } = rule;
  if (entries.length > 0 && mentionsAny(ports, vocabulary.numbers)) return splitRule(rule, policy, reach, vocabulary);
  const protocol = DNS_PROTOCOLS.findLast((candidate) => ports.has(candidate, WEB_PORT));
  if (protocol === undefined || isSmall(ports))
    return fixOf(`Remove ${path}, or name what the pods need there`, { kind: 'remove', path });
  const text = `Name what the pods need in ${path}; ${WEB_PORT} to anywhere is allowed`;
  const web = [{ port: WEB_PORT, protocol }];
  const edit: Edit =
    peers === 'any' ? { kind: 'set', path, value: { ports: web } } : { kind: 'set', path: `${path}.ports`, value: web };
  return { steps: [{ text, edits: [edit] }, ...addDnsBeside(rule, policy, reach)] };
}

/** A rule that opens no more than that only adds to what others open. */
function isSmall(ports: PortSet): boolean {
  return ports.isSubset(
    PortSet.unionAll(DNS_PROTOCOLS.map((protocol) => PortSet.ofNumbers(protocol, WEB_PORT, WEB_PORT))),
  );
}

function mentionsAny(ports: PortSet, numbers: Iterable<number>): boolean {
  return [...numbers].some((port) => DNS_PROTOCOLS.some((protocol) => ports.has(protocol, port)));
}
