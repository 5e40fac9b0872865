/** Platform is a product that brings some namespaces with it, and its documentation of them. */
export interface Platform {
  readonly title: string;
  /** Names; a glob only where the platform itself reserves the prefix. */
  readonly namespaces: readonly string[];
  readonly sources: readonly string[];
}

/** PLATFORMS are those with known namespaces. docs/namespace-labels.md shows them. */
export const PLATFORMS: readonly Platform[] = [
  {
    title: 'Kubernetes',
    namespaces: ['kube-system', 'kube-public', 'kube-node-lease'],
    sources: ['https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/#initial-namespaces'],
  },
  {
    title: 'Calico',
    namespaces: ['calico-apiserver', 'calico-monitoring', 'calico-system', 'tigera-operator'],
    sources: ['https://docs.tigera.io/calico/latest/reference/installation/api'],
  },
  {
    title: 'Cilium',
    namespaces: ['cilium', 'cilium-secrets'],
    sources: ['https://docs.cilium.io/en/stable/network/servicemesh/tls-termination/'],
  },
  {
    title: 'Flannel',
    namespaces: ['kube-flannel'],
    sources: ['https://github.com/flannel-io/flannel/blob/master/Documentation/kube-flannel.yml'],
  },
  {
    title: 'Other network plugins',
    namespaces: ['antrea-system', 'kube-ovn', 'kube-router', 'weave'],
    sources: ['https://kubernetes.io/docs/concepts/cluster-administration/addons/#networking-and-network-policy'],
  },
  {
    title: 'OpenShift, which lets no one request a project with that prefix',
    namespaces: ['openshift-*'],
    sources: [
      'https://docs.redhat.com/en/documentation/openshift_container_platform/4.18/html/building_applications/projects',
    ],
  },
  {
    title: 'GKE',
    namespaces: [
      'gke-connect',
      'gke-gmp-system',
      'gke-managed-checkpointing',
      'gke-managed-cim',
      'gke-managed-dpv2-observability',
      'gke-managed-filestorecsi',
      'gke-managed-lustrecsi',
      'gke-managed-metrics-server',
      'gke-managed-networking-dra-driver',
      'gke-managed-parallelstorecsi',
      'gke-managed-system',
      'gke-managed-volumepopulator',
      'gke-mcs',
      'gke-system',
      'gmp-public',
      'gmp-system',
    ],
    sources: [
      'https://opentelemetry.io/docs/zero-code/obi/configure/service-discovery/',
      'https://cloud.google.com/kubernetes-engine/docs/how-to/configure-dpv2-observability',
      'https://cloud.google.com/kubernetes-engine/docs/how-to/multi-cluster-services',
      'https://cloud.google.com/stackdriver/docs/managed-prometheus/setup-managed',
    ],
  },
  {
    title: 'AKS',
    namespaces: ['aks-command', 'aks-istio-system', 'app-routing-system', 'azure-arc'],
    sources: [
      'https://learn.microsoft.com/en-us/azure/aks/access-private-cluster',
      'https://learn.microsoft.com/en-us/azure/aks/istio-deploy-addon',
      'https://learn.microsoft.com/en-us/azure/aks/app-routing',
      'https://learn.microsoft.com/en-us/azure/governance/policy/concepts/policy-for-kubernetes',
    ],
  },
  {
    title: 'Rancher and RKE2',
    namespaces: [
      'cattle-capi-system',
      'cattle-csp-adapter-system',
      'cattle-fleet-local-system',
      'cattle-fleet-system',
      'cattle-global-data',
      'cattle-global-nt',
      'cattle-impersonation-system',
      'cattle-provisioning-capi-system',
      'cattle-resources-system',
      'cattle-system',
      'cattle-turtles-system',
      'cattle-ui-plugin-system',
      'cattle-windows-gmsa-system',
      'rke2-system',
    ],
    sources: ['https://ranchermanager.docs.rancher.com/reference-guides/rancher-security/psa-restricted-exemptions'],
  },
  {
    title: 'VMware Tanzu',
    namespaces: [
      'tkg-system',
      'vmware-system-antrea',
      'vmware-system-auth',
      'vmware-system-cloud-provider',
      'vmware-system-csi',
      'vmware-system-tkg',
      'vmware-system-tmc',
    ],
    sources: [
      'https://docs.vmware.com/en/VMware-Tanzu-Kubernetes-Grid/2/about-tkg/packages-index.html',
      'https://github.com/kubernetes/cloud-provider-vsphere',
    ],
  },
  {
    title: 'IBM Cloud',
    namespaces: ['ibm-cert-store', 'ibm-odf-validation-webhook', 'ibm-operators', 'ibm-system'],
    sources: ['https://github.com/ibm-cloud-docs/containers'],
  },
];

/**
 * SYSTEM_NAMESPACES are outside every rule but `dns-servers-isolated`: a lockdown must never cover the DNS plane, the
 * network plugin or the operators of the cluster. Names and globs; admission-policies/names.ts defines who may create
 * them. The release's own namespace is added to them.
 */
export const SYSTEM_NAMESPACES: readonly string[] = PLATFORMS.flatMap(({ namespaces }) => namespaces);

/** SYSTEM_NAMESPACE_NAMES are those of them that are plain names, as a namespaceSelector can list. */
export const SYSTEM_NAMESPACE_NAMES: readonly string[] = SYSTEM_NAMESPACES.filter((name) => !name.includes('*'));
