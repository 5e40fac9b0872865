import type { PeerManifest, PortManifest, Selector } from './manifest.ts';

const NAME = 'kubernetes.io/metadata.name';

/** The selectors that policies pick their pods with. */
export const SUBJECTS: readonly Selector[] = [
  {},
  { matchLabels: { app: 'a' } },
  { matchLabels: { app: 'b' } },
  { matchLabels: { role: 'a' } },
  { matchLabels: { app: 'a', role: 'a' } },
  { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['a'] }] },
  { matchExpressions: [{ key: 'app', operator: 'Exists' }] },
  { matchExpressions: [{ key: 'app', operator: 'DoesNotExist' }] },
  { matchExpressions: [{ key: 'app', operator: 'In', values: ['a', 'b'] }] },
  {
    matchExpressions: [
      { key: 'app', operator: 'Exists' },
      { key: 'role', operator: 'NotIn', values: ['a', 'b'] },
    ],
  },
];

export const PORT_ENTRIES: readonly PortManifest[] = [
  { protocol: 'UDP', port: 53 },
  { protocol: 'TCP', port: 53 },
  { port: 53 },
  { protocol: 'UDP' },
  { protocol: 'TCP' },
  {},
  { protocol: 'UDP', port: 1, endPort: 65535 },
  { protocol: 'TCP', port: 1, endPort: 65535 },
  { protocol: 'UDP', port: 50, endPort: 60 },
  { protocol: 'TCP', port: 53, endPort: 53 },
  { protocol: 'UDP', port: 1, endPort: 52 },
  { protocol: 'UDP', port: 53, endPort: 65535 },
  { protocol: 'TCP', port: 1, endPort: 53 },
  { protocol: 'TCP', port: 54, endPort: 65535 },
  { protocol: 'UDP', port: 5353 },
  { protocol: 'TCP', port: 5353 },
  { protocol: 'TCP', port: 443 },
  { protocol: 'TCP', port: 853 },
  { protocol: 'UDP', port: 'dns' },
  { protocol: 'TCP', port: 'dns-tcp' },
  { protocol: 'TCP', port: 'dns' },
  { protocol: 'TCP', port: 'web' },
  { protocol: 'SCTP', port: 53 },
  { protocol: 'SCTP' },
];

/** PORT_SAMPLES holds one port of each class that PORT_ENTRIES can tell apart. */
export const PORT_SAMPLES: readonly number[] = [1, 50, 53, 54, 61, 443, 444, 853, 854, 5353, 5354, 65535];

const dnsPods: Selector = { matchLabels: { 'k8s-app': 'kube-dns' } };
const dnsNamespace: Selector = { matchLabels: { [NAME]: 'kube-system' } };

export const POD_PEERS: readonly PeerManifest[] = [
  { namespaceSelector: dnsNamespace, podSelector: dnsPods },
  { namespaceSelector: dnsNamespace },
  { podSelector: dnsPods },
  { podSelector: {} },
  { namespaceSelector: {} },
  { namespaceSelector: {}, podSelector: dnsPods },
  { namespaceSelector: {}, podSelector: { matchLabels: { app: 'a' } } },
  { namespaceSelector: { matchLabels: { name: 'kube-system' } }, podSelector: dnsPods },
  { namespaceSelector: { matchExpressions: [{ key: NAME, operator: 'NotIn', values: ['kube-system'] }] } },
  { namespaceSelector: { matchExpressions: [{ key: NAME, operator: 'NotIn', values: ['shop'] }] } },
  { namespaceSelector: { matchLabels: { team: 'a' } } },
  { namespaceSelector: { matchLabels: { team: 'b' } }, podSelector: {} },
  { namespaceSelector: { matchExpressions: [{ key: 'team', operator: 'DoesNotExist' }] }, podSelector: dnsPods },
  { namespaceSelector: dnsNamespace, podSelector: { matchLabels: { 'k8s-app': 'coredns' } } },
  {
    namespaceSelector: dnsNamespace,
    podSelector: { matchExpressions: [{ key: 'k8s-app', operator: 'NotIn', values: ['coredns'] }] },
  },
];

/** WAYS_TO_DNS are peers that reach the DNS pods, or nearly. */
export const WAYS_TO_DNS: readonly PeerManifest[] = [
  { namespaceSelector: dnsNamespace, podSelector: dnsPods },
  { namespaceSelector: dnsNamespace, podSelector: { matchLabels: { 'pod-template-hash': 'x1' } } },
  {
    namespaceSelector: { matchLabels: { team: 'b' } },
    podSelector: { matchExpressions: [{ key: 'pod-template-hash', operator: 'NotIn', values: ['x2'] }] },
  },
  { namespaceSelector: { matchLabels: { name: 'kube-system' } }, podSelector: dnsPods },
  { podSelector: dnsPods },
  { ipBlock: { cidr: '10.96.0.10/32' } },
  { ipBlock: { cidr: '10.244.0.0/16' } },
  { ipBlock: { cidr: '192.168.0.0/16' } },
];

/** DNS_PORTS are what ways to DNS are opened on. */
export const DNS_PORTS: readonly PortManifest[] = [
  { protocol: 'UDP', port: 53 },
  { protocol: 'TCP', port: 53 },
  { protocol: 'UDP', port: 5353 },
  { port: 5353 },
  { protocol: 'UDP', port: 'dns' },
  { protocol: 'TCP', port: 'dns-tcp' },
  { protocol: 'TCP', port: 'dns' },
  { protocol: 'UDP', port: 50, endPort: 60 },
];

/** ADDRESS_BLOCKS are [cidr, ...except]. */
export const ADDRESS_BLOCKS: readonly (readonly string[])[] = [
  ['0.0.0.0/0'],
  ['0.0.0.0/0', '8.8.8.8/32'],
  ['0.0.0.0/0', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'],
  ['0.0.0.0/0', '0.0.0.0/1', '128.0.0.0/1'],
  ['0.0.0.0/1'],
  ['128.0.0.0/1'],
  ['8.0.0.0/8'],
  ['8.0.0.0/8', '8.128.0.0/9'],
  ['8.0.0.0/9'],
  ['8.128.0.0/9'],
  ['8.8.8.8/32'],
  ['9.9.9.0/24'],
  ['1.1.1.1/32'],
  ['10.0.0.0/8'],
  ['10.0.0.0/8', '10.96.0.0/12', '10.244.0.0/16'],
  ['10.96.0.10/32'],
  ['10.244.0.0/16'],
  ['192.168.0.0/16'],
  ['169.254.20.10/32'],
  ['0.0.0.0/8'],
  ['::/0'],
  ['2000::/3'],
  ['2000::/4'],
  ['3000::/4'],
  ['2400::/12'],
  ['2410::/17'],
  ['2410:8000::/17'],
  ['2001:db8::/32'],
  ['2001:4860:4860::8888/128'],
  ['64:ff9b::/96'],
  ['64:ff9b::800:0/105'],
  ['64:ff9b::880:0/105'],
  ['64:ff9b:1::/96'],
  ['64:ff9b:1::880:0/105'],
  ['2002::/16'],
  ['2002:800::/25'],
  ['2001:0:4136:e378:8000:63bf::/96'],
  ['2001:0:4136:e378:8000:63bf:f700:0/105'],
  ['224.0.0.0/4'],
  ['fd00::/8'],
];

/** SLICES are blocks that alone stay below the threshold, for the most part; two or three of them pass it. */
export const SLICES: readonly (readonly string[])[] = [
  ['8.0.0.0/9'],
  ['8.128.0.0/9'],
  ['8.128.0.0/9', '8.192.0.0/10'],
  ['11.0.0.0/9'],
  ['11.128.0.0/10'],
  ['11.192.0.0/10'],
  ['8.8.8.8/32'],
  ['64:ff9b::800:0/105'],
  ['64:ff9b:1::b80:0/105'],
  ['2002:b80::/25'],
  ['2001:0:4136:e378:8000:63bf:f480:0/105'],
  ['2400::/16', '2400:8000::/17'],
  ['2400:8000::/17'],
  ['2410::/17'],
  ['8.0.0.0/8'],
  ['0.0.0.0/0', '8.8.8.8/32'],
];

/** SLICE_PORTS are what slices are opened on. */
export const SLICE_PORTS: readonly PortManifest[] = [
  { protocol: 'UDP' },
  { protocol: 'UDP', port: 53 },
  { protocol: 'UDP', port: 1, endPort: 52 },
  { protocol: 'UDP', port: 53, endPort: 65535 },
  { protocol: 'UDP', port: 853 },
  { protocol: 'UDP', port: 'dns' },
  { protocol: 'UDP', port: 'web' },
  { protocol: 'TCP', port: 53 },
];

/** The resolver that the settings of every world allow. */
export const ALLOWED_RESOLVER = '1.1.1.1/32';

/** INGRESS_PEERS are the peers of policies that stand before the DNS servers. */
export const INGRESS_PEERS: readonly PeerManifest[] = [
  { namespaceSelector: {} },
  { namespaceSelector: {}, podSelector: {} },
  { podSelector: {} },
  { namespaceSelector: {}, podSelector: { matchExpressions: [{ key: 'app', operator: 'Exists' }] } },
  { namespaceSelector: {}, podSelector: { matchExpressions: [{ key: 'app', operator: 'DoesNotExist' }] } },
  { namespaceSelector: { matchExpressions: [{ key: NAME, operator: 'In', values: ['shop', 'kube-system'] }] } },
  { namespaceSelector: { matchExpressions: [{ key: NAME, operator: 'NotIn', values: ['shop', 'kube-system'] }] } },
  { namespaceSelector: { matchExpressions: [{ key: 'team', operator: 'Exists' }] } },
  { namespaceSelector: { matchExpressions: [{ key: 'team', operator: 'DoesNotExist' }] } },
];

/** DNS_PLANE_SUBJECTS are selectors of policies in kube-system: some pick the DNS pod, some do not. */
export const DNS_PLANE_SUBJECTS: readonly Selector[] = [
  {},
  dnsPods,
  { matchLabels: { 'k8s-app': 'metrics-server' } },
  { matchExpressions: [{ key: 'k8s-app', operator: 'Exists' }] },
  { matchExpressions: [{ key: 'k8s-app', operator: 'NotIn', values: ['kube-dns'] }] },
];
