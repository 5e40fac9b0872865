/**
 * ADD_ON_NAMESPACES are where well-known add-ons are installed: the default of `baseline.excludedNamespaces`, and
 * visible in the chart's values.yaml. Most of them answer webhooks or scrape every pod, which a default-deny stops.
 * Globs: a user without the verb `exempt` gains nothing from such a name.
 */
export const ADD_ON_NAMESPACES: readonly string[] = [
  // Delivery.
  'argo-rollouts',
  'argocd',
  'crossplane-system',
  'flux-system',
  'tekton-pipelines',
  // Ingress, meshes and load balancers.
  'aks-istio-ingress',
  'envoy-gateway-system',
  'ingress-nginx',
  'istio-ingress',
  'istio-system',
  'knative-serving',
  'linkerd',
  'metallb-system',
  'projectcontour',
  'traefik',
  // Certificates, secrets and policies.
  'cert-manager',
  'external-dns',
  'external-secrets',
  'gatekeeper-system',
  'kyverno',
  'vault',
  // Observability.
  'elastic-system',
  'grafana',
  'logging',
  'monitoring',
  'observability',
  'opentelemetry-operator-system',
  'prometheus',
  // Storage, backup and capacity.
  'cnpg-system',
  'gpu-operator',
  'karpenter',
  'keda',
  'longhorn-system',
  'rook-ceph',
  'velero',
  // Platforms; SYSTEM_NAMESPACES may lack the newest ones.
  'cattle-*',
  'gke-managed-*',
  'ibm-common-services',
  'vmware-system-*',
];
