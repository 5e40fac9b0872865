import { pinnedDns } from '../dns/allow-dns.ts';
import { listOf } from '../model/describe.ts';
import { clusterOpenings } from '../openings/cluster.ts';
import { defineRule } from '../situation/rule.ts';

export const dnsOpenToCluster = defineRule({
  id: 'dns-open-to-cluster',
  since: 'v0.1',
  title: 'Port 53 open to any namespace',
  level: 'strict',
  turn: 'first',
  docs: {
    why: `A namespaceSelector that would pick a namespace of any name, such as \`{}\`, lets a tenant run a resolver of its own and have
every pod of the cluster talk to it: the tunnel out begins next door. It does not help to ask for \`k8s-app: kube-dns\` as
well, since anyone who may create a pod may give it that label. Only \`kubernetes.io/metadata.name\` cannot be given or
taken away. A port by name (\`dns\`) without a \`to\` is worse than that: [named-port-to-anywhere](named-port-to-anywhere.md).`,
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
    const world = situation.reaches[0]?.world;
    if (world === undefined) return;
    for (const { rule, path, protocols, who, isNew } of clusterOpenings(situation)) {
      yield {
        path,
        message: `opens DNS over ${listOf(protocols)} to ${who}, so any tenant can run a resolver that the pods may talk to`,
        fix: pinnedDns(rule, world, situation.vocabulary),
        blamed: isNew,
      };
    }
  },
});
