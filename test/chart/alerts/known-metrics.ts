import { createMetrics } from '../../../src/commands/serve/metrics/admission.ts';

/** Labels by metric. */
export type KnownMetrics = ReadonlyMap<string, ReadonlySet<string>>;

/** Of kube-apiserver: k8s.io/apiserver, pkg/admission/metrics/metrics.go. */
const OF_API_SERVER: KnownMetrics = new Map([
  [
    'apiserver_admission_webhook_rejection_count',
    new Set(['name', 'type', 'operation', 'error_type', 'rejection_code']),
  ],
  ['apiserver_admission_webhook_fail_open_count', new Set(['name', 'type'])],
]);

/** What Prometheus adds to what it scrapes. */
const OF_PROMETHEUS: readonly string[] = ['pod', 'instance', 'job', 'namespace'];

/** knownMetrics are those that queries may ask for, with their labels: each is made to show itself once. */
export async function knownMetrics(): Promise<KnownMetrics> {
  const metrics = createMetrics();
  const { admission, baseline, certificates, cluster, configuration } = metrics;
  admission.decided({ operation: 'CREATE', resource: 'networkpolicies', allowed: true, dryRun: false, seconds: 1 });
  admission.found('dns-blocked', 'deny');
  admission.shed('requests');
  admission.refused(415);
  admission.liveRead('confirmed');
  admission.unconfirmed('late');
  admission.graceWait('arrived');
  admission.gateWait('ready', 1);
  certificates.expires('serving', 0);
  certificates.stepped('renew');
  configuration.reloaded('loaded');
  cluster.requested('list', 'pods', '200', 1);
  cluster.watchEnded('pods', 'ended');
  cluster.watchCaches(() => new Map([['pods', 1]]));
  baseline.reconciled('changed');
  baseline.leads({
    namespaces: () => [{ template: 'default-deny', state: 'ready', count: 1 }],
    violations: () => [{ rule: 'dns-blocked', level: 'standard', count: 1 }],
    depths: () => new Map([['namespaces', 1]]),
  });
  const queue = baseline.queue('namespaces');
  queue.added();
  queue.retried();
  queue.started(1);
  queue.ended(1);

  const known = new Map<string, Set<string>>();
  for (const line of (await metrics.text()).text.split('\n')) {
    const [, name, labels = ''] = /^([a-z_]+)(?:\{(.*)\})? /.exec(line) ?? [];
    if (name === undefined) continue;
    const names = known.get(name) ?? new Set(OF_PROMETHEUS);
    for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) names.add(label);
    known.set(name, names);
  }
  for (const [name, labels] of OF_API_SERVER) known.set(name, new Set([...labels, ...OF_PROMETHEUS]));
  return known;
}

/** unknownIn lists what a query or a series asks for that is not there: metrics, and labels in their selectors. */
export function unknownIn(query: string, known: KnownMetrics): readonly string[] {
  const asked = [...query.matchAll(/\b((?:netpol_guard|apiserver)_\w+)(?:\{([^}]*)\})?/g)];
  return asked.flatMap(([, name = '', selector = '']) => {
    const labels = known.get(name);
    if (labels === undefined) return [name];
    const unknown = [...selector.matchAll(/(\w+)(?:=|!=|=~|!~)"/g)].flatMap(([, label = '']) =>
      labels.has(label) ? [] : [`${name}{${label}}`],
    );
    return unknown;
  });
}

/** metricsIn counts the metrics that a query asks for. */
export function metricsIn(query: string): number {
  return query.match(/\b(?:netpol_guard|apiserver)_\w+/g)?.length ?? 0;
}
