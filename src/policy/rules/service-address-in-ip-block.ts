import { isAboutDns } from '../dns/vocabulary.ts';
import { listOf, shorten } from '../model/describe.ts';
import { advice } from '../model/fix.ts';
import type { AddressPeer, AllowRule } from '../model/policy.ts';
import { defineRule } from '../situation/rule.ts';

export const serviceAddressInIpBlock = defineRule({
  id: 'service-address-in-ip-block',
  since: 'v0.1',
  title: 'An ipBlock of Service addresses',
  level: 'advice',
  docs: {
    why: `Before most network plugins check a packet, a Service's address is translated to a pod's address, or for the API server to a
node's address. A block within the Service range then matches nothing: \`10.43.0.0/16\` with port 443, the usual recipe for
"the API server" on K3s, does not open it there. Use the address and port of the endpoints behind the Service:
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
  *check({ policy, snapshot, change, vocabulary }) {
    if (policy === undefined) return;
    const { ranges, usual = [], apiServerEndpoints } = snapshot.services;
    const known = new Set(blocksOf(change.before?.egress ?? []).map(({ cidr }) => cidr));
    for (const rule of policy.egress) {
      if (isAboutDns(rule, vocabulary)) continue;
      for (const { path, addresses, cidr } of blocksOf([rule])) {
        if (addresses.isEmpty || !addresses.isSubset(ranges)) continue;
        const whose = usual.find((range) => addresses.isSubset(range.addresses));
        const range = whose === undefined ? 'the Service range' : `the usual Service range of ${whose.of}`;
        yield {
          path,
          headline: `${whose === undefined ? 'names' : 'may name'} Service addresses in an ipBlock`,
          why: `${path} names ${shorten(cidr)}, which lies in ${range}. ${WHY}.`,
          short: `${path} names ${shorten(cidr)}, in ${range}; most network plugins never match Service addresses`,
          fix: advice(adviceFor(apiServerEndpoints)),
          blamed: !known.has(cidr),
        };
      }
    }
  },
});

const WHY =
  'Most network plugins check addresses after those of Services were translated, so they never match such a block';

function blocksOf(rules: readonly AllowRule[]): readonly AddressPeer[] {
  return rules.flatMap(({ peers }) => (peers === 'any' ? [] : peers.filter((peer) => peer.kind === 'addresses')));
}

function adviceFor(apiServerEndpoints: readonly string[]): string {
  if (apiServerEndpoints.length > 0) {
    return `Name pods by selectors; for the API server allow ${listOf(apiServerEndpoints)} as ipBlock and port`;
  }
  return 'Name pods by selectors; for the API server allow the endpoints of the `kubernetes` Service and their port';
}
