/**
 * INSTALLERS are accounts that create namespaces with reserved names and lack the verb `exempt`, since their roles list
 * what they need one by one. Whatever installs with the rights of a cluster admin has that verb too: Helm and kubectl
 * used by an admin, addon managers (`system:masters`), GitOps controllers with their default installation. All of these
 * accounts are in namespaces that are reserved themselves.
 */
export const INSTALLERS: readonly string[] = [
  // Calico's operator: calico-system, calico-apiserver (github.com/tigera/operator).
  'system:serviceaccount:tigera-operator:tigera-operator',
  // OpenShift's: what the release ships, and the planes of its operators.
  'system:serviceaccount:openshift-cluster-version:default',
  'system:serviceaccount:openshift-network-operator:cluster-network-operator',
  'system:serviceaccount:openshift-dns-operator:dns-operator',
  'system:serviceaccount:openshift-ingress-operator:ingress-operator',
  // Rancher's server and its agent in other clusters: cattle-fleet-system.
  'system:serviceaccount:cattle-system:rancher',
  'system:serviceaccount:cattle-system:cattle',
  // GKE's and AKS' addon managers.
  'system:addon-manager',
];
