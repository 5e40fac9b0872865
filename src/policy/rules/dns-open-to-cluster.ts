import { pinnedDns } from '../dns/dns-fix.ts';
import { correctedPeer } from '../dns/peer-fix.ts';
import { listOf } from '../model/describe.ts';
import { advice, type Fix } from '../model/fix.ts';
import { type ClusterOpening, clusterOpenings } from '../openings/cluster.ts';
import { defineRule } from '../situation/rule.ts';
import type { Situation } from '../situation/situation.ts';

export const dnsOpenToCluster = defineRule({
  id: 'dns-open-to-cluster',
  since: 'v0.1',
  title: 'Port 53 open to any namespace',
  level: 'strict',
  security: 5.5,
  turn: 'first',
  docs: {
    why: `A namespaceSelector that matches a namespace of any name, such as \`{}\`, lets a tenant run its own resolver, which every
pod that the policy selects may then ask: a neighbouring namespace can host the tunnel. Requiring \`k8s-app: kube-dns\` as
well does not help, since anyone who may create a pod may give it that label. Only the label
\`kubernetes.io/metadata.name\` can be neither forged nor removed. A named port (\`dns\`) without a \`to\` is even worse: see
[named-port-to-anywhere](named-port-to-anywhere.md).`,
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
        - namespaceSelector: {}
          podSelector: {matchLabels: {k8s-app: kube-dns}}
      ports:
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
      'https://kubernetes.io/docs/concepts/services-networking/network-policies/#targeting-a-namespace-by-its-name',
    ],
  },
  *check(situation) {
    for (const opening of clusterOpenings(situation)) {
      const { path, protocols, who, isNew } = opening;
      const opens = `opens DNS over ${listOf(protocols)} to ${who}, so any tenant can run a resolver that these pods may ask`;
      yield {
        path,
        headline: 'opens DNS to any namespace',
        why: `${path} ${opens}.`,
        short: `${path} ${opens}`,
        fix: fixFor(situation, opening),
        blamed: isNew,
      };
    }
  },
});

/** A peer among others is corrected by itself. */
function fixFor({ policy, reaches, vocabulary }: Situation, { rule, path, world }: ClusterOpening): Fix {
  const [reach] = reaches;
  if (policy === undefined || reach === undefined) return advice('Name the DNS servers of your cluster');
  const peer = rule.peers === 'any' ? undefined : rule.peers.find((candidate) => candidate.path === path);
  const fault = peer && { rule, peer, namespace: policy.ref.namespace, reach, world };
  return (fault && correctedPeer(fault, vocabulary)) ?? pinnedDns(rule, policy, { reach, world }, vocabulary);
}
