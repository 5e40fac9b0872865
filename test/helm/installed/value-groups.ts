import type { Values } from './helm.ts';

/** ValueGroup is what an admin changes at a time. */
export interface ValueGroup {
  readonly what: string;
  readonly values: Values;
}

const labelled = { team: 'platform' };

/** VALUE_GROUPS touch every value of the chart but those of UNTOUCHED. Each is added to those before it. */
export const VALUE_GROUPS: readonly ValueGroup[] = [
  { what: 'enforcement: warn', values: { enforcement: 'warn' } },
  { what: 'enforcement: audit', values: { enforcement: 'audit' } },
  { what: 'enforcement: enforce', values: { enforcement: 'enforce' } },
  {
    what: 'the configuration',
    values: { config: { rules: { 'dns-open-to-cluster': 'audit' }, gate: { maxHold: '30s' } } },
  },
  { what: 'namespaces', values: { exemptNamespaces: ['argocd'], dnsNamespaces: ['kube-system', 'kube-public'] } },
  {
    what: 'the webhooks',
    values: {
      webhook: {
        annotations: labelled,
        policies: {
          failurePolicy: 'Ignore',
          timeoutSeconds: 4,
          namespaceSelector: { matchExpressions: [{ key: 'stage', operator: 'NotIn', values: ['sandbox'] }] },
          matchConditions: [{ name: 'not-the-backup', expression: "request.userInfo.username != 'backup'" }],
        },
      },
    },
  },
  {
    what: 'the webhooks, back',
    values: { webhook: { annotations: {}, policies: { failurePolicy: 'Fail', timeoutSeconds: 5 } } },
  },
  {
    what: 'the admission policies',
    values: { admissionPolicies: { annotations: labelled, names: { enabled: false } } },
  },
  {
    what: 'the admission policies, back',
    values: { admissionPolicies: { annotations: {}, names: { enabled: true } } },
  },
  { what: 'webhook.port', values: { webhook: { port: 10251 } } },
  { what: 'metrics.port', values: { metrics: { port: 8082 } } },
  { what: 'health.port', values: { health: { port: 8083 } } },
  { what: 'replicas', values: { replicas: 4, podDisruptionBudget: { minAvailable: 2, maxUnavailable: '' } } },
  {
    what: 'where pods go',
    values: {
      priorityClassName: '',
      resourceQuota: { enabled: false },
      affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [] } },
      topologySpreadConstraints: [
        { maxSkew: 2, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'ScheduleAnyway', labelSelector: {} },
      ],
      tolerations: [{ key: 'infra', operator: 'Exists' }],
      nodeSelector: { 'kubernetes.io/hostname': 'n1' },
    },
  },
  {
    what: 'how pods run',
    values: {
      resources: { requests: { cpu: '50m', memory: '256Mi' }, limits: { memory: '640Mi' } },
      dnsPolicy: 'Default',
      imagePullSecrets: [{ name: 'registry' }],
      podSecurityContext: { runAsUser: 65533, runAsGroup: 65533, fsGroup: 65533 },
      securityContext: { privileged: false },
    },
  },
  {
    what: 'how pods come and go',
    values: {
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 2, maxUnavailable: 0 } },
      terminationGracePeriodSeconds: 75,
      shutdownDelaySeconds: 10,
      lifecycle: { preStop: { sleep: { seconds: 1 } } },
      startupProbe: { periodSeconds: 1 },
      readinessProbe: { periodSeconds: 2 },
      livenessProbe: { periodSeconds: 15 },
    },
  },
  {
    what: 'what is added',
    values: {
      logLevel: 'warn',
      extraArgs: ['--bind-address=0.0.0.0'],
      extraEnv: [{ name: 'TZ', value: 'UTC' }],
      extraVolumes: [{ name: 'more', emptyDir: {} }],
      extraVolumeMounts: [{ name: 'more', mountPath: '/more' }],
      extraObjects: [
        { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'more' }, data: { for: '{{ .Release.Name }}' } },
      ],
      podAnnotations: labelled,
      podLabels: labelled,
      deploymentAnnotations: labelled,
    },
  },
  { what: 'labels of everything', values: { commonLabels: labelled } },
  { what: 'whose pods they are', values: { serviceAccount: { name: 'guardian', annotations: labelled } } },
  {
    what: 'the network policy',
    values: { networkPolicy: { egress: { enabled: true }, metricsFrom: [{ namespaceSelector: {} }] } },
  },
  { what: 'what looks on', values: { grafana: { enabled: true }, tests: { enabled: false } } },
  { what: 'what an uninstallation takes along', values: { cleanup: { deleteBaseline: true } } },
  {
    what: 'lifetimes of certificates',
    values: { tls: { selfSigned: { caDuration: '6h', certificateDuration: '1h' } } },
  },
];

/** UNTOUCHED are the values that an upgrade here does not change, and why. */
export const UNTOUCHED: Readonly<Record<string, string>> = {
  image: 'changed by the upgrade from version to version',
  preset: 'with one replica calls are lost while it restarts, as NOTES says',
  hostNetwork: 'one node has a port for one replica alone',
  rbac: 'without rights it does not become ready, as NOTES says',
  serviceMonitor: 'a custom resource that this cluster does not know',
  prometheusRule: 'a custom resource that this cluster does not know',
};
