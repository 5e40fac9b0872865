/** OtherKind is a policy kind that is not read, but can allow or forbid DNS. */
export interface OtherKind {
  readonly group: string;
  readonly plural: string;
}

const KINDS_BY_GROUP: readonly (readonly [group: string, ...plurals: string[]])[] = [
  // Calico, through its API server or as bare CRDs. Its Staged… kinds enforce nothing.
  ['projectcalico.org', 'networkpolicies', 'globalnetworkpolicies'],
  ['crd.projectcalico.org', 'networkpolicies', 'globalnetworkpolicies'],
  ['cilium.io', 'ciliumnetworkpolicies', 'ciliumclusterwidenetworkpolicies'],
  // SIG Network's policies of cluster admins, in all their versions, and Amazon's form of them.
  ['policy.networking.k8s.io', 'adminnetworkpolicies', 'baselineadminnetworkpolicies', 'clusternetworkpolicies'],
  ['networking.k8s.aws', 'clusternetworkpolicies', 'applicationnetworkpolicies'],
  ['crd.antrea.io', 'networkpolicies', 'clusternetworkpolicies'],
  // OVN-Kubernetes and OpenShift SDN.
  ['k8s.ovn.org', 'egressfirewalls'],
  ['network.openshift.io', 'egressnetworkpolicies'],
  ['networking.gke.io', 'fqdnnetworkpolicies'],
  ['k8s.cni.cncf.io', 'multi-networkpolicies'],
];

/** OTHER_KINDS are the policy kinds of other APIs, by the documentation of each project. */
export const OTHER_KINDS: readonly OtherKind[] = KINDS_BY_GROUP.flatMap(([group, ...plurals]) =>
  plurals.map((plural) => ({ group, plural })),
);

/**
 * isMirror says whether an object is another's shadow: Calico's API server lists the cluster's own NetworkPolicies and
 * admin policies among its own kinds, under names that begin so (libcalico-go, conversion/constants.go).
 */
export function isMirror(name: string): boolean {
  return ['knp.default.', 'kanp.', 'kbanp.', 'kcnp.'].some((prefix) => name.startsWith(prefix));
}
