import type { Installation } from '../../../scripts/release/objects.ts';
import type { Manifest } from './manifest.ts';

/** Deployed is the part of an installation's options that its Deployment depends on. */
interface Deployed {
  readonly image: string;
  readonly replicas?: number;
}

/** PARTS are the labels by which the Service and the Deployment know the pods. */
export const PARTS = { 'app.kubernetes.io/name': 'netpol-guard', 'app.kubernetes.io/instance': 'netpol-guard' };

/** Where the pod has its configuration and its certificate: folders, since files would not follow a change. */
const CONFIG = '/etc/netpol-guard/config';
const TLS = '/etc/netpol-guard/tls';

/**
 * deployment is how netpol-guard runs: never fewer replicas than wished for while they are replaced, nothing that Pod
 * Security's restricted level forbids, and nothing on disk.
 */
export function deployment(installation: Installation, options: Deployed): Manifest {
  const { name, namespace, serviceAccount } = installation;
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, labels: PARTS },
    spec: {
      replicas: options.replicas ?? 3,
      selector: { matchLabels: PARTS },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      template: {
        metadata: { labels: PARTS },
        spec: {
          serviceAccountName: serviceAccount,
          enableServiceLinks: false,
          // It goes on serving until the calls stop: 45 seconds at most (DRAIN in src/commands/serve.ts).
          terminationGracePeriodSeconds: 60,
          priorityClassName: 'system-cluster-critical',
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 65532,
            runAsGroup: 65532,
            fsGroup: 65532,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          topologySpreadConstraints: [
            {
              maxSkew: 1,
              topologyKey: 'kubernetes.io/hostname',
              whenUnsatisfiable: 'ScheduleAnyway',
              labelSelector: { matchLabels: PARTS },
            },
          ],
          containers: [container(installation, options.image)],
          volumes: [
            { name: 'config', configMap: { name: `${name}-config` } },
            { name: 'tls', secret: { secretName: `${name}-tls`, defaultMode: 0o440 } },
          ],
        },
      },
    },
  };
}

function container({ name, serviceAccount }: Installation, image: string): object {
  return {
    name: 'netpol-guard',
    image,
    imagePullPolicy: 'IfNotPresent',
    args: [
      'serve',
      `--config=${CONFIG}/config.yaml`,
      `--tls-cert-file=${TLS}/tls.crt`,
      `--tls-private-key-file=${TLS}/tls.key`,
    ],
    env: [
      { name: 'POD_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
      { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      { name: 'POD_SERVICE_ACCOUNT', value: serviceAccount },
      { name: 'RELEASE_NAME', value: name },
    ],
    ports: [
      { name: 'webhook', containerPort: 10250, protocol: 'TCP' },
      { name: 'health', containerPort: 8081, protocol: 'TCP' },
      { name: 'metrics', containerPort: 8080, protocol: 'TCP' },
    ],
    // The API server may be late, after a power cut for example: a restart would not bring it sooner.
    startupProbe: { ...probe('/livez', 1), failureThreshold: 60 },
    livenessProbe: { ...probe('/livez', 10), failureThreshold: 3 },
    readinessProbe: { ...probe('/readyz', 1), failureThreshold: 3 },
    // 318 MB are what a leader has with 50,000 policies (docs/performance.md); no limit of CPU, since that delays verdicts.
    resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '512Mi' } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: [
      { name: 'config', mountPath: CONFIG, readOnly: true },
      { name: 'tls', mountPath: TLS, readOnly: true },
    ],
  };
}

function probe(path: string, periodSeconds: number): object {
  return { httpGet: { path, port: 'health' }, periodSeconds, timeoutSeconds: 5 };
}
