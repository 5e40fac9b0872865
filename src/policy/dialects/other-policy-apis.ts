/** OtherPolicyApi is a policy API that the engine does not read: its objects may allow DNS, or forbid it. */
export interface OtherPolicyApi {
  readonly group: string;
  readonly kind: string;
  /** As in the API's addresses: `ciliumnetworkpolicies`. */
  readonly plural: string;
  /** Whether its objects are namespaced and have no effect outside their namespace. */
  readonly namespaced: boolean;
}

/**
 * OTHER_POLICY_APIS are the policies of network plugins and clouds that can allow or forbid what a pod sends, by the
 * documentation of each project, in all their versions.
 */
export const OTHER_POLICY_APIS: readonly OtherPolicyApi[] = [
  // Calico, through its API server or as bare CRDs. Its Staged… kinds enforce nothing.
  ...of('projectcalico.org', { NetworkPolicy: 'networkpolicies' }, { GlobalNetworkPolicy: 'globalnetworkpolicies' }),
  ...of(
    'crd.projectcalico.org',
    { NetworkPolicy: 'networkpolicies' },
    { GlobalNetworkPolicy: 'globalnetworkpolicies' },
  ),
  ...of(
    'cilium.io',
    { CiliumNetworkPolicy: 'ciliumnetworkpolicies' },
    { CiliumClusterwideNetworkPolicy: 'ciliumclusterwidenetworkpolicies' },
  ),
  // SIG Network's policies of cluster admins, and Amazon's form of them.
  ...of(
    'policy.networking.k8s.io',
    {},
    {
      AdminNetworkPolicy: 'adminnetworkpolicies',
      BaselineAdminNetworkPolicy: 'baselineadminnetworkpolicies',
      ClusterNetworkPolicy: 'clusternetworkpolicies',
    },
  ),
  ...of(
    'networking.k8s.aws',
    { ApplicationNetworkPolicy: 'applicationnetworkpolicies' },
    { ClusterNetworkPolicy: 'clusternetworkpolicies' },
  ),
  ...of('crd.antrea.io', { NetworkPolicy: 'networkpolicies' }, { ClusterNetworkPolicy: 'clusternetworkpolicies' }),
  // OVN-Kubernetes and OpenShift SDN.
  ...of('k8s.ovn.org', { EgressFirewall: 'egressfirewalls' }, {}),
  ...of('network.openshift.io', { EgressNetworkPolicy: 'egressnetworkpolicies' }, {}),
  ...of('networking.gke.io', { FQDNNetworkPolicy: 'fqdnnetworkpolicies' }, {}),
  ...of('k8s.cni.cncf.io', { MultiNetworkPolicy: 'multi-networkpolicies' }, {}),
];

type Plurals = Readonly<Record<string, string>>;

function of(group: string, namespaced: Plurals, clusterScoped: Plurals): readonly OtherPolicyApi[] {
  return [
    ...Object.entries(namespaced).map(([kind, plural]) => ({ group, kind, plural, namespaced: true })),
    ...Object.entries(clusterScoped).map(([kind, plural]) => ({ group, kind, plural, namespaced: false })),
  ];
}

/** otherPolicyApi returns the API that an object belongs to, in any version; undefined for other kinds. */
export function otherPolicyApi(apiVersion: string, kind: string): OtherPolicyApi | undefined {
  const group = apiVersion.split('/')[0];
  return OTHER_POLICY_APIS.find((api) => api.group === group && api.kind === kind);
}
