import { admissionReview } from '../harness/admission-review.ts';

/** policyManifest is an ordinary policy: ingress from a gateway, egress to cluster DNS and to a database. */
export function policyManifest(name: string, app: string) {
  const dns = {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
    podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
  };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: {
      name,
      namespace: 'shop',
      labels: { 'app.kubernetes.io/name': app, 'app.kubernetes.io/part-of': 'shop' },
    },
    spec: {
      podSelector: { matchLabels: { 'app.kubernetes.io/name': app } },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [
        {
          from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'gateway' } } }],
          ports: [{ protocol: 'TCP', port: 8080 }],
        },
      ],
      egress: [
        { to: [dns], ports: ['UDP', 'TCP'].map((protocol) => ({ protocol, port: 53 })) },
        {
          to: [{ podSelector: { matchLabels: { 'app.kubernetes.io/name': 'database' } } }],
          ports: [{ protocol: 'TCP', port: 5432 }],
        },
      ],
    },
  };
}

/** MANAGED is what the API server's bookkeeping adds to an object that kubectl applied. */
const MANAGED = [
  {
    manager: 'kubectl-client-side-apply',
    operation: 'Update',
    apiVersion: 'networking.k8s.io/v1',
    time: '2026-01-01T00:00:00Z',
    fieldsType: 'FieldsV1',
    fieldsV1: {
      'f:metadata': {
        'f:annotations': { '.': {}, 'f:kubectl.kubernetes.io/last-applied-configuration': {} },
        'f:labels': { '.': {}, 'f:app.kubernetes.io/name': {}, 'f:app.kubernetes.io/part-of': {} },
      },
      'f:spec': { 'f:egress': {}, 'f:ingress': {}, 'f:podSelector': {}, 'f:policyTypes': {} },
    },
  },
];

/** reviewBody is an AdmissionReview of some 2.5 KB, as the API server sends it when such a policy is created. */
export function reviewBody(): string {
  return reviewOf(policyManifest('web', 'web'));
}

/** reviewOf is an AdmissionReview of a policy that is created, as the API server sends it. */
export function reviewOf(manifest: {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: object;
}): string {
  const bookkeeping = {
    uid: '9f0c5c3e-1f1f-4a0f-8a3d-1d1a5b7f6f10',
    creationTimestamp: '2026-01-01T00:00:00Z',
    generation: 1,
    annotations: { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(manifest) },
    managedFields: MANAGED,
  };
  const object = { ...manifest, metadata: { ...manifest.metadata, ...bookkeeping } };
  const userInfo = { username: 'dev@example.com', groups: ['developers', 'system:authenticated'] };
  return JSON.stringify(admissionReview('networkpolicies', { userInfo, object }));
}
