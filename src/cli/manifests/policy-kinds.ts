/** OtherPolicyApi is a policy API that the engine does not read: its objects may allow DNS, or forbid it. */
export interface OtherPolicyApi {
  readonly group: string;
  readonly kind: string;
  /** The API's plural name, as in `ciliumnetworkpolicies`. */
  readonly resource: string;
  /** Whether its objects live in a namespace, and reach no further. */
  readonly namespaced: boolean;
}

/**
 * The policy APIs of network plugins and clouds that can allow or forbid what a pod sends. Staged policies of Calico
 * are not among them, since nothing enforces them.
 */
const OTHER_POLICY_APIS: readonly OtherPolicyApi[] = [
  ...['projectcalico.org', 'crd.projectcalico.org'].flatMap((group) => [
    { group, kind: 'NetworkPolicy', resource: 'networkpolicies', namespaced: true },
    { group, kind: 'GlobalNetworkPolicy', resource: 'globalnetworkpolicies', namespaced: false },
  ]),
  { group: 'cilium.io', kind: 'CiliumNetworkPolicy', resource: 'ciliumnetworkpolicies', namespaced: true },
  {
    group: 'cilium.io',
    kind: 'CiliumClusterwideNetworkPolicy',
    resource: 'ciliumclusterwidenetworkpolicies',
    namespaced: false,
  },
  {
    group: 'policy.networking.k8s.io',
    kind: 'AdminNetworkPolicy',
    resource: 'adminnetworkpolicies',
    namespaced: false,
  },
  {
    group: 'policy.networking.k8s.io',
    kind: 'BaselineAdminNetworkPolicy',
    resource: 'baselineadminnetworkpolicies',
    namespaced: false,
  },
  {
    group: 'policy.networking.k8s.io',
    kind: 'ClusterNetworkPolicy',
    resource: 'clusternetworkpolicies',
    namespaced: false,
  },
  { group: 'networking.k8s.aws', kind: 'ClusterNetworkPolicy', resource: 'clusternetworkpolicies', namespaced: false },
  {
    group: 'networking.k8s.aws',
    kind: 'ApplicationNetworkPolicy',
    resource: 'applicationnetworkpolicies',
    namespaced: true,
  },
  { group: 'networking.gke.io', kind: 'FQDNNetworkPolicy', resource: 'fqdnnetworkpolicies', namespaced: true },
  { group: 'k8s.ovn.org', kind: 'EgressFirewall', resource: 'egressfirewalls', namespaced: true },
  { group: 'crd.antrea.io', kind: 'NetworkPolicy', resource: 'networkpolicies', namespaced: true },
  { group: 'crd.antrea.io', kind: 'ClusterNetworkPolicy', resource: 'clusternetworkpolicies', namespaced: false },
  { group: 'k8s.cni.cncf.io', kind: 'MultiNetworkPolicy', resource: 'multi-networkpolicies', namespaced: true },
];

/** otherPolicyApi returns the API that an object belongs to, whatever the version; undefined for other kinds. */
export function otherPolicyApi(apiVersion: string, kind: string): OtherPolicyApi | undefined {
  const group = apiVersion.split('/')[0];
  return OTHER_POLICY_APIS.find((api) => api.group === group && api.kind === kind);
}

/** concernsNetworks tells the objects that the linter looks at: policies of any API, and Namespaces. */
export function concernsNetworks(apiVersion: string, kind: string): boolean {
  if (kind.toLowerCase() === 'networkpolicy' || (kind === 'Namespace' && apiVersion === 'v1')) return true;
  return otherPolicyApi(apiVersion, kind) !== undefined || (kind === '' && apiVersion === 'networking.k8s.io/v1');
}
