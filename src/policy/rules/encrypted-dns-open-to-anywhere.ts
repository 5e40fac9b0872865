import { DNS_PROTOCOLS } from '../dns/reach.ts';
import { splitRule } from '../dns/split-rule.ts';
import { ENCRYPTED_DNS_PORT } from '../dns/vocabulary.ts';
import { capital } from '../model/describe.ts';
import { type Fix, yamlOf } from '../model/fix.ts';
import { openingsFor } from '../openings/anywhere.ts';
import { FAMILIES, internetRules, type NumberAim } from '../openings/internet-rules.ts';
import { openingIssues } from '../openings/issues.ts';
import { reportedAddresses } from '../openings/reported.ts';
import { defineRule } from '../situation/rule.ts';

export const encryptedDnsOpenToAnywhere = defineRule({
  id: 'encrypted-dns-open-to-anywhere',
  since: 'v0.1',
  title: 'Encrypted DNS open to anywhere',
  level: 'strict',
  security: 6.5,
  turn: 'first',
  docs: {
    why: `TCP 853 is DNS over TLS and UDP 853 is DNS over QUIC. Open to anywhere, they are the same tunnel as port 53 to
anywhere, except that no one on the way can read the traffic.

DNS over HTTPS uses the same port as HTTPS, so no NetworkPolicy can tell the two apart.`,
    bad: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: resolver
  namespace: shop
spec:
  podSelector: {matchLabels: {app: resolver}}
  policyTypes: [Egress]
  egress:
    - to:
        - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}
          podSelector: {matchLabels: {k8s-app: kube-dns}}
      ports:
        - {protocol: UDP, port: 53}
        - {protocol: TCP, port: 53}
    - ports:
        - {protocol: TCP, port: 853}
`,
    good: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: resolver
  namespace: shop
spec:
  podSelector: {matchLabels: {app: resolver}}
  policyTypes: [Egress]
  egress:
    - to:
        - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}
          podSelector: {matchLabels: {k8s-app: kube-dns}}
      ports:
        - {protocol: UDP, port: 53}
        - {protocol: TCP, port: 53}
    - to:
        - ipBlock: {cidr: 9.9.9.9/32}
      ports:
        - {protocol: TCP, port: 853}
`,
    references: ['https://www.rfc-editor.org/rfc/rfc7858', 'https://www.rfc-editor.org/rfc/rfc9250'],
  },
  check(situation) {
    const { policy } = situation;
    if (policy === undefined || internetRules(policy).length === 0) return [];
    const openings = DNS_PROTOCOLS.flatMap((protocol) =>
      FAMILIES.flatMap((family) => {
        const aim: NumberAim = { protocol, port: ENCRYPTED_DNS_PORT, family };
        return openingsFor(situation, aim, reportedAddresses(situation, aim));
      }),
    );
    return openingIssues(situation, openings, (rule, policy, reach) =>
      orNameResolver(splitRule(rule, policy, reach, situation.vocabulary)),
    );
  },
});

const OR_NAME = 'or name the resolver with an ipBlock in a rule of its own';

/** What is shown as YAML has its place right above it. */
function orNameResolver({ steps }: Fix): Fix {
  const [first, ...others] = steps;
  if (yamlOf(first).length === 0) return { steps: [{ ...first, text: `${first.text}, ${OR_NAME}` }, ...others] };
  return { steps: [...steps, { text: capital(OR_NAME), edits: [] }] };
}
