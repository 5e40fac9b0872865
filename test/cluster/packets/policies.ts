/** Policies as YAML, for what the pages' own examples do not show. */

/** PINNED_DNS is the rule of every careful recipe: cluster DNS by namespace and labels, over both protocols. */
const PINNED_DNS = `    - to:
        - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}
          podSelector: {matchLabels: {k8s-app: kube-dns}}
      ports: [{protocol: UDP, port: 53}, {protocol: TCP, port: 53}]
`;

/** together makes one text of several manifests. */
export function together(...manifests: readonly string[]): string {
  return manifests.join('---\n');
}

/** policy is a NetworkPolicy with `spec` written out; a line of `spec` is indented by two. */
export function policy(namespace: string, name: string, spec: string): string {
  const head = 'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n';
  return `${head}metadata: {name: ${name}, namespace: ${namespace}}\nspec:\n${spec.trimEnd()}\n`;
}

/** allowDns lets every pod of a namespace reach cluster DNS. */
export function allowDns(namespace: string): string {
  return policy(namespace, 'allow-dns', `  podSelector: {}\n  policyTypes: [Egress]\n  egress:\n${PINNED_DNS}`);
}

/** defaultDeny isolates every pod of a namespace in both directions. */
export function defaultDeny(namespace: string): string {
  return policy(namespace, 'default-deny', '  podSelector: {}\n  policyTypes: [Ingress, Egress]');
}

/** denyEgress leaves pods of a namespace no egress. */
export function denyEgress(namespace: string, podSelector: string): string {
  return policy(namespace, 'deny-egress', `  podSelector: ${podSelector}\n  policyTypes: [Egress]`);
}

/** egressTo opens an address block to every pod of `shop`, on one port of each protocol given, and nothing else. */
export function egressTo(cidr: string, port: number, ...protocols: readonly string[]): string {
  const ports = protocols.map((protocol) => `{protocol: ${protocol}, port: ${port}}`);
  return policy(
    'shop',
    'egress-to-block',
    `
  podSelector: {}
  policyTypes: [Egress]
  egress:
    - to: [{ipBlock: {cidr: ${cidr}}}]
      ports: [${ports.join(', ')}]`,
  );
}

/** tiers are four policies for an application of three tiers: all are denied all but DNS, and each is allowed its hops. */
export function tiers(): string {
  const denied = `  podSelector: {}\n  policyTypes: [Ingress, Egress]\n  egress:\n${PINNED_DNS}`;
  return together(
    policy('store', 'deny-all-but-dns', denied),
    policy(
      'store',
      'web',
      `  podSelector: {matchLabels: {app: web}}
  policyTypes: [Ingress, Egress]
  ingress:
    - from:
        - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ingress}}
          podSelector: {matchLabels: {app: controller}}
      ports: [{protocol: TCP, port: 8080}]
  egress:
    - to: [{podSelector: {matchLabels: {app: api}}}]
      ports: [{protocol: TCP, port: 8080}]`,
    ),
    policy(
      'store',
      'api',
      `  podSelector: {matchLabels: {app: api}}
  policyTypes: [Ingress, Egress]
  ingress:
    - from: [{podSelector: {matchLabels: {app: web}}}]
      ports: [{protocol: TCP, port: 8080}]
  egress:
    - to: [{podSelector: {matchLabels: {app: db}}}]
      ports: [{protocol: TCP, port: 5432}]`,
    ),
    policy(
      'store',
      'db',
      `  podSelector: {matchLabels: {app: db}}
  policyTypes: [Ingress]
  ingress:
    - from: [{podSelector: {matchLabels: {app: api}}}]
      ports: [{protocol: TCP, port: 5432}]`,
    ),
  );
}

/** ingressController lets everyone in to a controller, and the controller out to port 8080 of all pods and the API server. */
export function ingressController(apiServer: string): string {
  return together(
    allowDns('ingress'),
    defaultDeny('ingress'),
    policy(
      'ingress',
      'controller',
      `  podSelector: {matchLabels: {app: controller}}
  policyTypes: [Ingress, Egress]
  ingress:
    - ports: [{protocol: TCP, port: 8443}]
  egress:
    - to: [{namespaceSelector: {}}]
      ports: [{protocol: TCP, port: 8080}]
    - to: [{ipBlock: {cidr: ${apiServer}/32}}]
      ports: [{protocol: TCP, port: 6443}]`,
    ),
  );
}

/** k3sHardening is what K3s's hardening guide has for kube-system; its versions differ in the label of the namespace. */
export const k3sHardening = {
  dns: policy(
    'kube-system',
    'default-network-dns-policy',
    `  podSelector: {matchLabels: {k8s-app: kube-dns}}
  policyTypes: [Ingress]
  ingress:
    - ports: [{protocol: TCP, port: 53}, {protocol: UDP, port: 53}]`,
  ),
  intraNamespace: (label: string) =>
    policy(
      'kube-system',
      'intra-namespace',
      `  podSelector: {}
  ingress:
    - from: [{namespaceSelector: {matchLabels: {${label}: kube-system}}}]`,
    ),
};

/** k3sNamespace is the policy that goes round for a namespace on K3s: its own pods in, DNS and the API server out. */
export function k3sNamespace(...labels: readonly string[]): string {
  const peers = labels.map(
    (label) => `        - namespaceSelector: {matchLabels: {${label}: kube-system}}
          podSelector: {matchLabels: {k8s-app: kube-dns}}`,
  );
  return policy(
    'shop',
    'intra-namespace-and-dns',
    `  podSelector: {}
  policyTypes: [Ingress, Egress]
  ingress:
    - from: [{podSelector: {}}]
  egress:
    - to:
${peers.join('\n')}
      ports: [{protocol: UDP, port: 53}, {protocol: TCP, port: 53}]
    - to: [{ipBlock: {cidr: 10.43.0.0/16}}]
      ports: [{protocol: TCP, port: 443}]`,
  );
}

/** dnsInAnyNamespace allows DNS by a selector of all namespaces. */
export const dnsInAnyNamespace = policy(
  'shop',
  'allow-dns',
  `  podSelector: {}
  policyTypes: [Egress]
  egress:
    - to: [{namespaceSelector: {}}]
      ports: [{protocol: UDP, port: 53}, {protocol: TCP, port: 53}]`,
);
