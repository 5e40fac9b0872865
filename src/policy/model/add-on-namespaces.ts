/**
 * ADD_ON_NAMESPACES are where well-known add-ons are installed: the default of `baseline.excludedNamespaces`, and in sight in
 * the chart's values.yaml. Most of them answer webhooks or scrape every pod, which a default-deny stops. Globs: whoever
 * lacks the verb `exempt` gains nothing by such a name.
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
  // Platforms, of which SYSTEM_NAMESPACES may lack the newest.
  'cattle-*',
  'gke-managed-*',
  'ibm-common-services',
  'vmware-system-*',
];
