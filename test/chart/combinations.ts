import type { Values } from './helm.ts';

/** A PEM is text to Helm; what is in it, the API server does not look at in a dry run. */
export const PEM = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';

const SELECTED = {
  timeoutSeconds: 9,
  namespaceSelector: {
    matchLabels: { team: 'shop' },
    matchExpressions: [{ key: 'stage', operator: 'NotIn', values: ['sandbox'] }],
  },
  matchConditions: [{ name: 'not-flux', expression: "request.userInfo.username != 'flux'" }],
  annotations: { 'admissions.enforcer/disabled': 'true' },
};

/** COMBINATIONS are values for every branch of the templates, by what they are about. */
export const COMBINATIONS: Readonly<Record<string, Values>> = {
  defaults: {},
  'enforcement: audit': { enforcement: 'audit' },
  'enforcement: warn': { enforcement: 'warn' },
  'preset: small': { preset: 'small' },
  'preset: small, and values that win': {
    preset: 'small',
    replicas: 2,
    resources: { requests: { cpu: '1' }, limits: { memory: '1Gi' } },
    webhook: { policies: { failurePolicy: 'Fail' } },
  },
  'a preset and keys that win': {
    enforcement: 'warn',
    config: { warn: false, enforce: 'strict', baseline: { template: 'default-deny-egress' }, gate: { enabled: false } },
  },
  'the configuration, all of it': {
    config: {
      enforce: 'strict',
      rules: { 'dns-open-to-anywhere': 'warn', 'dns-partly-blocked': false },
      exemptions: {
        namespaces: ['sandbox-*'],
        users: ['restore'],
        entries: [{ namespace: 'legacy', reason: 'the billing appliance', expires: '2027-01-31T00:00:00Z' }],
      },
      dns: {
        presets: ['node-local-dns'],
        servers: [
          {
            namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'dns' } },
            ports: [53, { protocol: 'UDP', port: 'dns' }],
          },
        ],
        ports: [53, 5353],
        allowedResolvers: ['9.9.9.9/32'],
        anywhereThreshold: '1/512',
        otherPolicies: 'ignore',
      },
      dnsBlocked: { onWrite: 'repair', onDelete: 'deny', noEgressAtAll: 'deny', grace: '500ms' },
      baseline: { template: 'default-deny-ingress', existingNamespaces: 'adopt', excludedNamespaces: ['ci-*'] },
      gate: { enabled: true, maxHold: '30s' },
      docsBaseUrl: 'https://mirror.example/docs',
    },
    prometheusRule: { enabled: true },
    grafana: { enabled: true },
  },
  'exempt namespaces': {
    exemptNamespaces: ['istio-system', 'argocd'],
    config: { exemptions: { namespaces: ['x-*'] } },
  },
  'admission policies': {
    admissionPolicies: { annotations: { owner: 'platform' }, names: { allowedUsers: ['system:serviceaccount:ops:x'] } },
    config: { rules: { 'baseline-modified': 'warn' } },
  },
  'DNS of OpenShift': { dnsNamespaces: ['openshift-dns'] },
  'DNS in default': { dnsNamespaces: ['kube-system', 'default'] },
  'an existing Secret': { tls: { mode: 'existingSecret', existingSecret: 'guard-tls', caBundle: PEM } },
  'cert-manager with a CA of its own': { tls: { mode: 'certManager' } },
  'cert-manager with an issuer': {
    tls: {
      mode: 'certManager',
      certManager: { issuerRef: { name: 'company', kind: 'ClusterIssuer' }, duration: '720h', renewBefore: '240h' },
    },
    webhook: { url: 'https://guard.example' },
  },
  'a CA for the API server': {
    tls: { clientCAFile: '/etc/client-ca/ca.crt', clientNames: ['kube-apiserver'] },
    extraVolumes: [{ name: 'client-ca', configMap: { name: 'client-ca' } }],
    extraVolumeMounts: [{ name: 'client-ca', mountPath: '/etc/client-ca', readOnly: true }],
  },
  'on the network of the host': { hostNetwork: true, serviceMonitor: { enabled: true } },
  'on the network of the host, another port': { hostNetwork: true, webhook: { port: 10300 }, dnsPolicy: 'Default' },
  'an address': { webhook: { url: 'https://guard.example:8443/' } },
  'an address in numbers, with cert-manager': {
    tls: { mode: 'certManager' },
    webhook: { url: 'https://10.0.0.9:8443' },
  },
  'a secret in the paths': { tls: { mode: 'certManager' }, webhook: { pathSecret: 'a'.repeat(32) } },
  'a secret in the paths, to come': {
    tls: { mode: 'certManager' },
    webhook: { otherPathSecrets: ['a'.repeat(32)] },
  },
  'a secret in the paths of an address': {
    webhook: { url: 'https://guard.example', pathSecret: 'a'.repeat(32), otherPathSecrets: ['/'] },
  },
  'another port': { webhook: { port: 8443 } },
  'selectors and conditions': {
    webhook: {
      annotations: { owner: 'platform' },
      policies: { ...SELECTED, failurePolicy: 'Ignore' },
      policiesDelete: SELECTED,
      dnsPlane: SELECTED,
      namespaceLabels: { ...SELECTED, failurePolicy: 'Fail' },
      gate: { ...SELECTED, failurePolicy: 'Fail', objectSelector: { matchLabels: { gated: 'yes' } } },
      baseline: { ...SELECTED, failurePolicy: 'Fail' },
    },
  },
  'entries switched off': {
    webhook: { policiesDelete: { enabled: false }, dnsPlane: { enabled: false } },
    admissionPolicies: {
      optOut: { enabled: false },
      baseline: { enabled: false },
      leaving: { enabled: false },
      names: { enabled: false },
      fence: { enabled: false },
    },
    config: { gate: { enabled: false } },
  },
  'one replica': { replicas: 1 },
  'a budget in replicas': { podDisruptionBudget: { minAvailable: 2, maxUnavailable: '' } },
  'a budget in percent': { podDisruptionBudget: { maxUnavailable: '34%' } },
  'no budget, quota, class or test': {
    podDisruptionBudget: { enabled: false },
    resourceQuota: { enabled: false },
    priorityClassName: '',
    tests: { enabled: false },
  },
  'an account of its own': {
    serviceAccount: { create: false, name: 'guardian' },
    rbac: { create: false },
  },
  'an account with a name': {
    serviceAccount: { name: 'guardian', annotations: { note: 'made by the chart' } },
  },
  'no network policy of its own': { networkPolicy: { enabled: false }, serviceMonitor: { enabled: true } },
  'its own network policy': { networkPolicy: { egress: { enabled: true } } },
  'its own network policy, narrowed': {
    networkPolicy: {
      egress: { enabled: true },
      metricsFrom: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }],
      dns: {
        to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'openshift-dns' } } }],
        ports: [
          { protocol: 'UDP', port: 5353 },
          { protocol: 'TCP', port: 5353 },
        ],
      },
      apiServer: { to: [{ ipBlock: { cidr: '10.0.0.5/32' } }], ports: [6443] },
    },
  },
  monitoring: {
    commonLabels: { release: 'everything', grafana_dashboard: '0', 'app.kubernetes.io/component': 'guard' },
    health: { port: 9091 },
    metrics: { port: 9090 },
    networkPolicy: { metricsFrom: [{ namespaceSelector: {} }] },
    serviceMonitor: {
      enabled: true,
      labels: { release: 'prometheus' },
      interval: '15s',
      scrapeTimeout: '10s',
      relabelings: [{ action: 'labeldrop', regex: 'pod' }],
      metricRelabelings: [{ action: 'drop', sourceLabels: ['__name__'], regex: 'netpol_guard_nodejs_.*' }],
    },
    prometheusRule: { enabled: true, labels: { release: 'prometheus' }, alertLabels: { team: 'platform' } },
    grafana: { enabled: true, annotations: { folder: 'security' }, namespace: 'default' },
  },
  'lifetimes of certificates': { tls: { selfSigned: { caDuration: '40s', certificateDuration: '10s' } } },
  'with its baselines': { cleanup: { deleteBaseline: true }, imagePullSecrets: [{ name: 'registry' }] },
  'an image by its digest': {
    image: { registry: '', repository: 'mirror/guard', digest: `sha256:${'0'.repeat(64)}`, pullPolicy: 'Always' },
    imagePullSecrets: [{ name: 'registry' }],
  },
  'everything of a pod': {
    image: { tag: '9.9.9' },
    commonLabels: { 'app.kubernetes.io/part-of': 'platform' },
    podLabels: { 'app.kubernetes.io/name': 'not taken', tier: 'control' },
    podAnnotations: { note: 'x' },
    deploymentAnnotations: { note: 'y' },
    affinity: { nodeAffinity: {} },
    topologySpreadConstraints: [
      { maxSkew: 2, topologyKey: 'rack', whenUnsatisfiable: 'DoNotSchedule', labelSelector: {} },
    ],
    tolerations: [{ key: 'node-role.kubernetes.io/control-plane', operator: 'Exists' }],
    nodeSelector: { pool: 'system' },
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 2 } },
    lifecycle: { preStop: { sleep: { seconds: 5 } } },
    logLevel: 'debug',
    shutdownDelaySeconds: 25,
    extraArgs: ['--bind-address=0.0.0.0'],
    extraEnv: [{ name: 'NODE_OPTIONS', value: '--max-old-space-size=400' }],
    extraVolumes: [{ name: 'scratch', emptyDir: {} }],
    extraVolumeMounts: [{ name: 'scratch', mountPath: '/scratch' }],
    resources: { limits: { memory: '1Gi' } },
  },
  'objects besides': {
    extraObjects: [
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: '{{ .Release.Name }}-extra' } },
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-text\n',
    ],
  },
};
