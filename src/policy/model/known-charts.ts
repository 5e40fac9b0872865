/**
 * ChartAdvice is what to set in the values of a Helm chart whose policy opens too much. Whole sentences without their
 * full stop.
 */
export interface ChartAdvice {
  /** Where the policy allows all egress. */
  readonly forAllEgress: string;
  /** Where it opens DNS to anywhere; absent if the chart has no such rule. */
  readonly forDns?: string | undefined;
}

/**
 * Charts of Bitnami's with one NetworkPolicy, or one for each component by the same values. Its templates write `egress: [{}]` where
 * `networkPolicy.allowExternalEgress` is true, the default; else a rule for port 53 without `to`, which no value changes, and
 * `networkPolicy.extraEgress` (github.com/bitnami/charts at 5165628, each networkpolicy.yaml below bitnami/).
 */
const WHOLE: ReadonlySet<string> = new Set([
  'apache',
  'aspnet-core',
  'cadvisor',
  'cassandra',
  'clickhouse-operator',
  'consul',
  'discourse',
  'drupal',
  'ejbca',
  'etcd',
  'external-dns',
  'fluent-bit',
  'ghost',
  'gitea',
  'gitlab-runner',
  'grafana',
  'grafana-alloy',
  'grafana-k6-operator',
  'haproxy',
  'influxdb',
  'janusgraph',
  'jenkins',
  'kafka',
  'keycloak',
  'kibana',
  'kong',
  'kube-arangodb',
  'kube-state-metrics',
  'kubernetes-event-exporter',
  'logstash',
  'mariadb',
  'mariadb-galera',
  'matomo',
  'memcached',
  'metrics-server',
  'minio-operator',
  'mongodb',
  'mongodb-sharded',
  'moodle',
  'multus-cni',
  'mysql',
  'nats',
  'neo4j',
  'nessie',
  'nginx',
  'node-exporter',
  'oauth2-proxy',
  'odoo',
  'phpmyadmin',
  'pytorch',
  'rabbitmq',
  'redis',
  'redis-cluster',
  'redmine',
  'schema-registry',
  'scylladb',
  'solr',
  'sonarqube',
  'tensorflow-resnet',
  'tomcat',
  'valkey',
  'valkey-cluster',
  'whereabouts',
  'wildfly',
  'wordpress',
  'zipkin',
  'zookeeper',
]);

/** The same for charts whose components have values of their own: by the label `app.kubernetes.io/component`. */
const BY_COMPONENT: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  airflow: {
    'dag-processor': 'dagProcessor',
    metrics: 'metrics',
    scheduler: 'scheduler',
    triggerer: 'triggerer',
    web: 'web',
    worker: 'worker',
  },
  'argo-cd': {
    applicationSet: 'applicationSet',
    controller: 'controller',
    dex: 'dex',
    notifications: 'notifications',
    'repo-server': 'repoServer',
    server: 'server',
  },
  'cert-manager': { cainjector: 'cainjector', controller: 'controller', webhook: 'webhook' },
  contour: {
    contour: 'contour',
    'contour-certgen': 'contour.certgen',
    'default-backend': 'defaultBackend',
    envoy: 'envoy',
  },
  elasticsearch: {
    'coordinating-only': 'coordinating',
    data: 'data',
    ingest: 'ingest',
    master: 'master',
    metrics: 'metrics',
  },
  flink: { jobmanager: 'jobmanager', taskmanager: 'taskmanager' },
  keydb: { master: 'master', replica: 'replica' },
  mlflow: { run: 'run', tracking: 'tracking' },
  opensearch: {
    'coordinating-only': 'coordinating',
    dashboards: 'dashboards',
    data: 'data',
    ingest: 'ingest',
    master: 'master',
  },
  postgresql: { primary: 'primary', read: 'readReplicas' },
  'postgresql-ha': { pgpool: 'pgpool', postgresql: 'postgresql' },
  prometheus: { alertmanager: 'alertmanager', server: 'server' },
  spark: { master: 'master', worker: 'worker' },
  thanos: {
    bucketweb: 'bucketweb',
    compactor: 'compactor',
    query: 'query',
    'query-frontend': 'queryFrontend',
    receive: 'receive',
    ruler: 'ruler',
    storegateway: 'storegateway',
  },
  vault: { 'csi-provider': 'csiProvider', injector: 'injector', server: 'server' },
};

/** Where an application's own version begins: `redis-23.1.1`, as Helm's best practices have it (docs, "Labels and Annotations"). */
const CHART = /^([a-z][a-z0-9-]*?)-\d+\.\d+\.\d+/;

/**
 * chartAdvice knows the values of a chart by the labels of a policy of it; undefined if it does not know the chart.
 * Labels are user input, so none of them is in the result.
 */
export function chartAdvice(labels: ReadonlyMap<string, string>): ChartAdvice | undefined {
  const chart = CHART.exec(labels.get('helm.sh/chart') ?? '')?.[1] ?? '';
  if (chart === 'ingress-nginx') return INGRESS_NGINX;
  const place = placeOf(chart, labels.get('app.kubernetes.io/component') ?? '');
  if (place === undefined) return undefined;
  return {
    forAllEgress: `In Bitnami's Helm chart ${chart}, set ${place}.allowExternalEgress=false and list what the pods need in ${place}.extraEgress`,
    forDns: `No value of Bitnami's Helm chart ${chart} names cluster DNS there: install it with --post-renderer netpol-guard-fix, or set ${place}.enabled=false and apply a policy of your own`,
  };
}

function placeOf(chart: string, component: string): string | undefined {
  if (WHOLE.has(chart)) return 'networkPolicy';
  const components = Object.hasOwn(BY_COMPONENT, chart) ? BY_COMPONENT[chart] : undefined;
  if (components === undefined || !Object.hasOwn(components, component)) return undefined;
  return `${components[component]}.networkPolicy`;
}

/** charts/ingress-nginx/templates/controller-networkpolicy.yaml of github.com/kubernetes/ingress-nginx: `egress: [{}]` in any case. */
const INGRESS_NGINX: ChartAdvice = {
  forAllEgress:
    'The policy of Helm chart ingress-nginx allows all egress whatever its values say: set controller.networkPolicy.enabled=false and apply a policy of your own',
};
