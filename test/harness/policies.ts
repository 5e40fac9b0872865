/** The policies that more than one case applies. Each case spells out the ones that it is about. */

const DNS_PORTS = [
  { protocol: 'UDP', port: 53 },
  { protocol: 'TCP', port: 53 },
];

const CLUSTER_DNS = {
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
  podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
};

/** egressPolicy is a NetworkPolicy that isolates every pod of the namespace for egress, but for these rules. */
export function egressPolicy(name: string, egress: readonly object[], podSelector: object = {}): object {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name },
    spec: { podSelector, policyTypes: ['Egress'], egress },
  };
}

/** defaultDeny isolates every pod in both directions. */
export const defaultDeny: object = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'default-deny' },
  spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
};

/** allowDns lets every pod reach cluster DNS over both protocols. */
export const allowDns: object = egressPolicy('allow-dns', [{ to: [CLUSTER_DNS], ports: DNS_PORTS }]);

/** allowDnsFor does so for some pods alone, or over some ports alone. */
export function allowDnsFor(podSelector: object, ports: readonly object[] = DNS_PORTS): object {
  return egressPolicy('allow-dns', [{ to: [CLUSTER_DNS], ports }], podSelector);
}

/** openDns is the leak: port 53 to whoever answers. */
export const openDns: object = egressPolicy('open-dns', [{ ports: DNS_PORTS }]);

/** policyPath is where the API server keeps the NetworkPolicies of a namespace. */
export function policyPath(namespace: string, rest = ''): string {
  return `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies${rest}`;
}
