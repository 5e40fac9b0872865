/**
 * SYSTEM_NAMESPACES are outside every rule but `dns-servers-isolated`: a lockdown must never cover the DNS plane, the
 * network plugin or what operates the cluster. Names and globs. The release's own namespace comes on top.
 */
export const SYSTEM_NAMESPACES: readonly string[] = [
  'kube-system',
  'kube-public',
  'kube-node-lease',
  // Network plugins and their operators.
  'calico-apiserver',
  'calico-system',
  'tigera-operator',
  'cilium',
  'cilium-secrets',
  'kube-flannel',
  'kube-ovn',
  'kube-router',
  'antrea-system',
  'weave',
  // Distributions' own planes.
  'openshift-*',
  'gke-managed-*',
  'gmp-system',
  'aks-command',
  'calico-monitoring',
  'cattle-system',
  'cattle-fleet-system',
  'rke2-system',
];

/** SYSTEM_NAMESPACE_NAMES are those of them that are plain names, as a namespaceSelector can list. */
export const SYSTEM_NAMESPACE_NAMES: readonly string[] = SYSTEM_NAMESPACES.filter((name) => !name.includes('*'));
