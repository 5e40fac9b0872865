import { describePeer, listOf } from '../describe.ts';
import { isAboutDns } from '../dns-vocabulary.ts';
import { defineRule } from '../rule.ts';

export const serviceAddressInIpBlock = defineRule({
  id: 'service-address-in-ip-block',
  title: 'An ipBlock of Service addresses',
  level: 'advice',
  docs: {
    why: `A Service's address is translated to a pod's, or for the API server to a node's, before most network plugins check a packet.
A block within the Service range then matches nothing: \`10.43.0.0/16\` with port 443, the usual recipe for "the API
server" on K3s, does not open it there. What does is the address and port of the endpoints behind the Service:
\`kubectl get endpointslices -n default -l kubernetes.io/service-name=kubernetes\`.

For pods, use selectors.`,
    bad: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: operator
  namespace: shop
spec:
  podSelector: {matchLabels: {app: operator}}
  policyTypes: [Egress]
  egress:
    - to:
        - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}
          podSelector: {matchLabels: {k8s-app: kube-dns}}
      ports:
        - {protocol: UDP, port: 53}
        - {protocol: TCP, port: 53}
    - to:
        - ipBlock: {cidr: 10.43.0.0/16}
      ports:
        - {protocol: TCP, port: 443}
`,
    good: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: operator
  namespace: shop
spec:
  podSelector: {matchLabels: {app: operator}}
  policyTypes: [Egress]
  egress:
    - to:
        - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}
          podSelector: {matchLabels: {k8s-app: kube-dns}}
      ports:
        - {protocol: UDP, port: 53}
        - {protocol: TCP, port: 53}
    - to:
        - ipBlock: {cidr: 172.20.7.4/32}
      ports:
        - {protocol: TCP, port: 6443}
`,
    references: [
      'https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors',
    ],
  },
  check(situation) {
    const { policy, snapshot, change } = situation;
    if (policy === undefined) return [];
    const before = new Set(
      (change.before?.egress ?? []).flatMap((rule) => (rule.peers === 'any' ? [] : rule.peers.map(describePeer))),
    );
    return policy.egress.flatMap((rule) => {
      if (rule.peers === 'any' || isAboutDns(rule, situation.vocabulary)) return [];
      return rule.peers.flatMap((peer) => {
        if (peer.kind !== 'addresses' || peer.addresses.isEmpty) return [];
        if (!peer.addresses.isSubset(snapshot.services.ranges)) return [];
        return [
          {
            path: peer.path,
            message: `names ${describePeer(peer)}, which lies in the Service range: most network plugins check after translation and never match it`,
            fix: { description: adviceFor(snapshot.services.apiServerEndpoints) },
            blamed: !before.has(describePeer(peer)),
          },
        ];
      });
    });
  },
});

function adviceFor(apiServerEndpoints: readonly string[]): string {
  if (apiServerEndpoints.length > 0) {
    return `name pods by selectors; for the API server allow ${listOf(apiServerEndpoints)} as ipBlock and port`;
  }
  return 'name pods by selectors; for the API server allow the endpoints of the `kubernetes` Service and their port';
}
